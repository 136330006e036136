# embed_rtl(TARGET): writes the text of every source below rtl/ into a C++ file of TARGET.
function(embed_rtl target)
  set(rtl ${CMAKE_SOURCE_DIR}/rtl)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${rtl}
    ${rtl}/*.sv ${rtl}/*.svh ${rtl}/*.vlt ${rtl}/*.yaml)
  list(SORT files)
  string(CONCAT text "#include \"sim/cosim/embedded_rtl.h\"\nnamespace mixpe {\n"
    "const std::map<std::string, std::string_view, std::less<>>& embedded_rtl() {\n"
    "  static const std::map<std::string, std::string_view, std::less<>> files = {\n")
  foreach(file IN LISTS files)
    file(READ ${rtl}/${file} content)
    string(APPEND text "{\"${file}\", R\"rtl_text(${content})rtl_text\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${rtl}/${file})
  endforeach()
  string(APPEND text "  };\n  return files;\n}\n}  // namespace mixpe\n")
  set(output ${CMAKE_BINARY_DIR}/generated/embedded_rtl.cpp)
  file(WRITE ${output}.new "${text}")
  file(COPY_FILE ${output}.new ${output} ONLY_IF_DIFFERENT)
  target_sources(${target} PRIVATE ${output})
endfunction()
