# Every bench/<name>.cpp is a program, always optimized.

set(STRATA_BENCH_FLAGS "-O2" CACHE STRING "How the benchmarks are optimized")
separate_arguments(bench_flags UNIX_COMMAND "${STRATA_BENCH_FLAGS}")

file(GLOB bench_files RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS bench/*.cpp)
foreach(file IN LISTS bench_files)
    get_filename_component(name ${file} NAME_WE)
    add_executable(bench.${name} ${file})
    target_include_directories(bench.${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
    target_link_libraries(bench.${name} PRIVATE strata_development)
    target_compile_options(bench.${name} PRIVATE ${bench_flags})
    target_compile_definitions(bench.${name} PRIVATE NDEBUG)
endforeach()
