# The encoder's kernels are compiled once for each instruction set; src/model/embedders/bert/kernels.cpp chooses
# at run time. Their flags differ from the precompiled header's, so they do without it. -O3 in every build:
# they are written to live in registers. 512 bits wide, where compilers prefer half of it by default.
set(kernels ${CMAKE_SOURCE_DIR}/src/model/embedders/bert)
set_source_files_properties(${kernels}/kernels_plain.cpp PROPERTIES
  SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "-O3")
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set_source_files_properties(${kernels}/kernels_avx2.cpp PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "-O3;-march=x86-64-v3")
  set_source_files_properties(${kernels}/kernels_avx512.cpp PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "-O3;-march=x86-64-v4;-mprefer-vector-width=512")
  set_source_files_properties(${kernels}/kernels_vnni.cpp PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "-O3;-march=x86-64-v4;-mavx512vnni;-mprefer-vector-width=512")
endif()
