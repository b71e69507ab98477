# Every library that Weir links, all of them Debian packages (tools/packages.txt names them).
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(simdjson REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(tomlplusplus REQUIRED)  # header-only, in src/main/config/toml_file.cpp

# Boost is used header-only; Asio's bodies are compiled once, here (Boost.JSON's in src/base/json.cpp).
add_library(weir_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio.cpp)
target_link_libraries(weir_asio PUBLIC Boost::headers Threads::Threads OpenSSL::SSL)
target_compile_definitions(weir_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
  BOOST_ASIO_HAS_STD_INVOKE_RESULT
  # Coroutine frames from malloc, which is aligned enough for them and faster than aligned_alloc.
  BOOST_ASIO_DISABLE_STD_ALIGNED_ALLOC BOOST_ASIO_DISABLE_BOOST_ALIGN)
add_library(weir::boost ALIAS weir_asio)

# llhttp comes as C sources in Debian's node-llhttp.
find_path(LLHTTP_SOURCE_DIR llhttp.c PATHS /usr/share/llhttp NO_DEFAULT_PATH REQUIRED)
find_path(LLHTTP_INCLUDE_DIR llhttp.h PATHS /usr/share/include/llhttp /usr/include REQUIRED)
add_library(llhttp STATIC
  ${LLHTTP_SOURCE_DIR}/llhttp.c ${LLHTTP_SOURCE_DIR}/api.c ${LLHTTP_SOURCE_DIR}/http.c)
target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE_DIR})
# The loose mode lets spaces into field names and anything stand for the CRLF after a chunk.
target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
add_library(weir::llhttp ALIAS llhttp)
