# Writes OUTPUT with the version and the git revision ("unknown" outside a checkout, "-dirty" if tracked
# files differ from it). Run at every build; the file changes only when the revision does.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
  OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(revision "unknown")
endif()
set(text "#pragma once
namespace mixpe {
inline constexpr char kVersion[] = \"${VERSION}\";
inline constexpr char kGitRevision[] = \"${revision}\";
}  // namespace mixpe
")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT "${old}" STREQUAL "${text}")
  file(WRITE ${OUTPUT} "${text}")
endif()
