# embed_text(TARGET FUNCTION HEADER FOLDER PATTERN…): writes the text of the files below FOLDER that match into a C++
# file of TARGET, which defines FUNCTION as HEADER declares it: a map from path in FOLDER to text.
function(embed_text target function header folder)
  list(TRANSFORM ARGN PREPEND ${folder}/ OUTPUT_VARIABLE patterns)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${patterns})
  list(SORT files)
  string(CONCAT text "#include \"${header}\"\nnamespace mixpe {\n"
    "const std::map<std::string, std::string_view, std::less<>>& ${function}() {\n"
    "  static const std::map<std::string, std::string_view, std::less<>> files = {\n")
  foreach(file IN LISTS files)
    file(READ ${folder}/${file} content)
    string(APPEND text "{\"${file}\", R\"text_of_file(${content})text_of_file\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${file})
  endforeach()
  string(APPEND text "  };\n  return files;\n}\n}  // namespace mixpe\n")
  set(output ${CMAKE_BINARY_DIR}/generated/${function}.cpp)
  file(WRITE ${output}.new "${text}")
  file(COPY_FILE ${output}.new ${output} ONLY_IF_DIFFERENT)
  target_sources(${target} PRIVATE ${output})
endfunction()
