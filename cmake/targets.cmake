# strata::strata is the core, Memory and the layers that need nothing else. One more target for each dependency;
# it is there where the dependency is.

find_package(Boost 1.81 REQUIRED)
find_package(Threads REQUIRED)

add_library(strata INTERFACE)
add_library(strata::strata ALIAS strata)
target_compile_features(strata INTERFACE cxx_std_20)
target_include_directories(strata INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
target_link_libraries(strata INTERFACE Boost::headers Threads::Threads)

# strata_part(<name> <header> <library>...): the target strata::<name> over the first of the libraries that is there.
# Not by pkg-config: Debian's libmemcached asks it for packages that nobody needs who links dynamically.
function(strata_part name header)
    foreach(library IN LISTS ARGN)
        find_path(strata_${name}_INCLUDE_DIR ${header} PATH_SUFFIXES ${library})
        find_library(strata_${name}_LIBRARY ${library})
        if(strata_${name}_INCLUDE_DIR AND strata_${name}_LIBRARY)
            add_library(strata_${name} INTERFACE)
            add_library(strata::${name} ALIAS strata_${name})
            set_target_properties(strata_${name} PROPERTIES EXPORT_NAME ${name})
            target_include_directories(strata_${name} SYSTEM INTERFACE ${strata_${name}_INCLUDE_DIR})
            target_link_libraries(strata_${name} INTERFACE strata ${strata_${name}_LIBRARY})
            set_property(GLOBAL APPEND PROPERTY strata_parts strata_${name})
            return()
        endif()
    endforeach()
endfunction()

strata_part(redis hiredis/hiredis.h hiredis)
strata_part(memcached libmemcached/memcached.h memcached)
strata_part(encrypt botan/version.h botan-3 botan-2)
strata_part(zstd zstd.h zstd)
strata_part(lz4 lz4.h lz4)

find_package(Boost 1.81 QUIET OPTIONAL_COMPONENTS json)
if(TARGET Boost::json)
    add_library(strata_json INTERFACE)
    add_library(strata::json ALIAS strata_json)
    set_target_properties(strata_json PROPERTIES EXPORT_NAME json)
    target_link_libraries(strata_json INTERFACE strata Boost::json)
    set_property(GLOBAL APPEND PROPERTY strata_parts strata_json)
endif()
get_property(STRATA_PARTS GLOBAL PROPERTY strata_parts)
