# Flags that hold for every target: warnings as errors, hardening, sanitizers, the fast linker.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
  message(WARNING "Weir is built with clang 19; g++ 12 miscompiles coroutines (docs/contributing/compiler.md).")
endif()

set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -D_FORTIFY_SOURCE=2")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1 -D_FORTIFY_SOURCE=2")
# SSE4.2 and PCLMULQDQ are in every x86-64 processor since 2010; simdjson's on-demand reader needs them.
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_compile_options(-march=x86-64-v2 -mpclmul)
endif()
# The release build is laid out by what runs how often, as tools/profile.sh has measured it: what is hot is
# inlined and lies together. Code that changed since is compiled as without a profile, hence no warnings.
set(WEIR_PROFILE "${CMAKE_SOURCE_DIR}/cmake/weir.profdata" CACHE STRING
    "The profile of the release build; \"generate\" makes a build that measures one; empty: none")
if(WEIR_PROFILE STREQUAL "generate")
  add_compile_options(-fprofile-generate -fprofile-update=atomic)
  add_link_options(-fprofile-generate)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release" AND WEIR_PROFILE)
  add_compile_options(-fprofile-use=${WEIR_PROFILE} -Wno-backend-plugin)
endif()
add_compile_options(-fstack-protector-strong -ffunction-sections -fdata-sections -Xclang -fno-pch-timestamp)
add_link_options(-fuse-ld=mold -Wl,-z,relro,-z,now,--gc-sections)

# Executables compile with the libraries' -fPIC, so that all of them can share one precompiled header.
set(CMAKE_C_COMPILE_OPTIONS_PIE -fPIC)
set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)

set(WEIR_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    -Wimplicit-fallthrough -Wno-missing-field-initializers -Wno-gnu-statement-expression -Werror)

if(WEIR_SANITIZE)
  add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${WEIR_SANITIZE})
endif()
if(WEIR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
