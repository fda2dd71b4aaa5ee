# Every test/<folder>/<name>.cpp is a program and a test named <folder>.<name>; the Jamfile makes the same list.

file(GLOB test_files RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS test/*/*.cpp)
list(FILTER test_files EXCLUDE REGEX "^test/(must_not_compile|two_units|fuzz|support|deploy)/")

add_library(strata_test INTERFACE)
target_include_directories(strata_test INTERFACE test)
target_link_libraries(strata_test INTERFACE strata_development Boost::unit_test_framework)
target_compile_definitions(strata_test INTERFACE BOOST_TEST_DYN_LINK)

add_library(strata_test_precompiled OBJECT test/support/precompiled.cpp)
target_link_libraries(strata_test_precompiled PRIVATE strata_test)
target_precompile_headers(strata_test_precompiled PRIVATE test/support/precompiled.hpp)

foreach(file IN LISTS test_files)
    string(REGEX REPLACE "^test/(.*)/(.*)\\.cpp$" "\\1.\\2" name ${file})
    add_executable(test.${name} ${file})
    target_link_libraries(test.${name} PRIVATE strata_test)
    target_precompile_headers(test.${name} REUSE_FROM strata_test_precompiled)
    add_test(NAME ${name} COMMAND test.${name} --log_level=warning)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endforeach()

# TLS is opt-in: one program is built with it.
find_package(OpenSSL)
if(OPENSSL_FOUND)
    target_compile_definitions(test.store.redis_tls PRIVATE STRATA_REDIS_TLS=1)
    target_link_libraries(test.store.redis_tls PRIVATE OpenSSL::SSL)
endif()

file(GLOB example_files RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS example/*.cpp)
foreach(file IN LISTS example_files)
    get_filename_component(name ${file} NAME_WE)
    add_executable(example.${name} ${file})
    target_link_libraries(example.${name} PRIVATE strata_development)
    add_test(NAME example.${name} COMMAND example.${name})
endforeach()

# Programs that must not compile, each with the sentence that its author must read. They are compiled twice each, so what
# all of them include is precompiled; both compilers look for that beside the header that they are told to include.
set(refused ${PROJECT_BINARY_DIR}/refused/strata.hpp)
file(CONFIGURE OUTPUT ${refused} CONTENT "#include <strata/strata.hpp>\n")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(precompiled ${refused}.gch)
else()
    set(precompiled ${refused}.pch)
endif()
add_custom_command(OUTPUT ${precompiled}
    COMMAND ${CMAKE_CXX_COMPILER} -std=c++20 -x c++-header -I${PROJECT_SOURCE_DIR}/include
        -MD -MT ${precompiled} -MF ${refused}.d ${refused} -o ${precompiled}
    DEPFILE ${refused}.d VERBATIM)
add_custom_target(refused ALL DEPENDS ${precompiled})

file(GLOB bad_files RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS test/must_not_compile/*.cpp)
foreach(file IN LISTS bad_files)
    get_filename_component(name ${file} NAME_WE)
    add_test(NAME must_not_compile.${name}
        COMMAND ${PROJECT_SOURCE_DIR}/tools/must_not_compile ${CMAKE_CXX_COMPILER} ${PROJECT_SOURCE_DIR}/${file}
            -I${PROJECT_SOURCE_DIR}/include -I${strata_encrypt_INCLUDE_DIR} -include ${refused})
endforeach()

# Every public header compiles alone, and two units that include all of them link.
if(NOT STRATA_SANITIZE)
    file(GLOB_RECURSE headers RELATIVE ${PROJECT_SOURCE_DIR}/include CONFIGURE_DEPENDS include/strata/*.hpp)
    list(FILTER headers EXCLUDE REGEX "/detail/")
    set(alone_files)
    foreach(header IN LISTS headers)
        string(REGEX REPLACE "[/.]" "_" unit ${header})
        set(unit ${PROJECT_BINARY_DIR}/alone/${unit}.cpp)
        file(CONFIGURE OUTPUT ${unit} CONTENT "#include <${header}>\n#include <${header}>\n")
        list(APPEND alone_files ${unit})
    endforeach()
    add_library(strata_headers_alone OBJECT ${alone_files})
    target_link_libraries(strata_headers_alone PRIVATE strata_development)
endif()

file(GLOB two_units CONFIGURE_DEPENDS test/two_units/*.cpp)
if(two_units)
    add_executable(test.two_units ${two_units})
    target_link_libraries(test.two_units PRIVATE strata_development)
    add_test(NAME two_units COMMAND test.two_units)
endif()

# The list of tests, for the comparison with the one of the Jamfile.
add_test(NAME builds.same_tests COMMAND ${PROJECT_SOURCE_DIR}/tools/same_tests ${CMAKE_CTEST_COMMAND} ${PROJECT_BINARY_DIR})

# A store for one thread has no atomic instruction.
if(NOT STRATA_SANITIZE)
    add_test(NAME builds.one_thread COMMAND ${PROJECT_SOURCE_DIR}/tools/one_thread ${CMAKE_CXX_COMPILER})
endif()

# The code in the documents is the code of the examples.
add_test(NAME builds.snippets COMMAND ${PROJECT_SOURCE_DIR}/tools/check_snippets)
add_test(NAME builds.reference COMMAND ${PROJECT_SOURCE_DIR}/tools/reference --check)
