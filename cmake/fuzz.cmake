# Every test/fuzz/<name>.cpp is a libFuzzer target, fuzz.<name>, under the address and undefined sanitizers.

if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "strata: STRATA_FUZZ needs clang++, which has libFuzzer")
endif()

file(GLOB fuzz_files RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS test/fuzz/*.cpp)
foreach(file IN LISTS fuzz_files)
    get_filename_component(name ${file} NAME_WE)
    add_executable(fuzz.${name} ${file})
    target_include_directories(fuzz.${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
    target_link_libraries(fuzz.${name} PRIVATE strata_development)
    target_compile_options(fuzz.${name} PRIVATE -O1 -g -fsanitize=fuzzer,address,undefined
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(fuzz.${name} PRIVATE -fsanitize=fuzzer,address,undefined)
endforeach()
