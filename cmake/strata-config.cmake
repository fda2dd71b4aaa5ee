include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(Boost 1.81 OPTIONAL_COMPONENTS json)
include(${CMAKE_CURRENT_LIST_DIR}/strata-targets.cmake)
