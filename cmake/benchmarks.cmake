# Every bench/<name>.cpp is a program, always optimized.

file(GLOB bench_files RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS bench/*.cpp)
foreach(file IN LISTS bench_files)
    get_filename_component(name ${file} NAME_WE)
    add_executable(bench.${name} ${file})
    target_include_directories(bench.${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
    target_link_libraries(bench.${name} PRIVATE strata_development)
    target_compile_options(bench.${name} PRIVATE -O2)
    target_compile_definitions(bench.${name} PRIVATE NDEBUG)
endforeach()
