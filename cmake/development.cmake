# What only the tests, examples and benchmarks need: warnings as the project promises them, sanitizers, all parts.

find_package(Boost 1.81 REQUIRED COMPONENTS unit_test_framework json)
foreach(part redis memcached encrypt json zstd lz4)
    if(NOT TARGET strata::${part})
        message(FATAL_ERROR "strata: the tests and benchmarks need what strata::${part} stands on; tools/install gets it")
    endif()
endforeach()

add_library(strata_development INTERFACE)
target_link_libraries(strata_development INTERFACE strata ${STRATA_PARTS})
target_compile_options(strata_development INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
if(STRATA_SANITIZE)
    target_compile_options(strata_development INTERFACE
        -fsanitize=${STRATA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(strata_development INTERFACE -fsanitize=${STRATA_SANITIZE})
endif()
