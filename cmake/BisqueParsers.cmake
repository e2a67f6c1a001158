# The code that reads untrusted bytes is free of libtorch, so that it builds alone, under sanitizers and fuzzers.
set(BISQUE_PARSER_FOLDERS core/serialization ops3d/io renderer/models renderer/models/demo_head renderer/takes renderer/pictures)

# The static library, since Debian's shared one also exports a tinygltf, which is not ours.
find_library(BISQUE_DRACO libdraco.a REQUIRED)
mark_as_advanced(BISQUE_DRACO)

# bisque_parsers(NAME OPTIONS...): a static library of all of it, built with these compile and link options.
function(bisque_parsers name)
  set(sources "")
  foreach(folder IN LISTS BISQUE_PARSER_FOLDERS)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  find_package(Eigen3 REQUIRED NO_MODULE)
  find_package(ZLIB REQUIRED)
  add_library(${name} STATIC ${sources})
  bisque_join_sources(${name})
  # What uses them need not be instrumented itself, which would double the time to build.
  target_compile_options(${name} PRIVATE -O1 -g1 ${ARGN})
  target_link_options(${name} PUBLIC ${ARGN})
  target_link_libraries(${name} PUBLIC bisque_options Eigen3::Eigen ZLIB::ZLIB deflate ${BISQUE_DRACO} meshoptimizer spng turbojpeg)
endfunction()
