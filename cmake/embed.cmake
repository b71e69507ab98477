# weir_embed(TARGET FOLDER): compiles the files of web/dist into the library as the table that
# edge/api/page.h declares. Script mode of the same file writes the table.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(WEIR_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
  function(weir_embed target folder)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
    set(output ${CMAKE_BINARY_DIR}/generated/page_files.cpp)
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} -DOUTPUT=${output} -P ${WEIR_EMBED_SCRIPT}
      DEPENDS ${files} ${WEIR_EMBED_SCRIPT} VERBATIM)
    target_sources(${target} PRIVATE ${output})
  endfunction()
  return()
endif()

set(MEDIA_html "text/html; charset=utf-8")
set(MEDIA_js "text/javascript; charset=utf-8")
set(MEDIA_css "text/css; charset=utf-8")
set(MEDIA_svg "image/svg+xml")

file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*)
list(SORT files)
set(arrays "")
set(rows "")
set(index 0)
foreach(file ${files})
  file(READ ${FOLDER}/${file} hex HEX)
  file(SHA256 ${FOLDER}/${file} hash)
  string(SUBSTRING ${hash} 0 16 hash)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n"
         bytes "${bytes}")
  get_filename_component(extension ${file} LAST_EXT)
  string(SUBSTRING ${extension} 1 -1 extension)
  set(path "/${file}")
  if(path STREQUAL "/index.html")
    set(path "/")
  endif()
  string(APPEND arrays "constexpr unsigned char kFile${index}[] = {\n${bytes}};\n")
  string(APPEND rows "    {\"${path}\", \"${MEDIA_${extension}}\", {reinterpret_cast<const char*>(kFile${index}), sizeof kFile${index}}, {}, \"\\\"${hash}\\\"\"},\n")
  math(EXPR index "${index} + 1")
endforeach()

file(WRITE ${OUTPUT} "// Written by cmake/embed.cmake from web/dist.
#include \"edge/api/page.h\"

namespace weir::edge {
namespace {

${arrays}
const EmbeddedFile kFiles[] = {
${rows}};

}  // namespace

std::span<const EmbeddedFile> page_files() { return kFiles; }

}  // namespace weir::edge
")
