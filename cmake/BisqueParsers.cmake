# The code that reads untrusted bytes is free of libtorch, so it can be built separately, under sanitizers and fuzzers.
set(BISQUE_PARSER_FOLDERS core/serialization core/torch_file ops3d/io renderer/models renderer/models/demo_head renderer/takes renderer/pictures)

foreach(folder IN LISTS BISQUE_PARSER_FOLDERS)
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/${folder})
    list(REMOVE_ITEM BISQUE_PARSER_FOLDERS ${folder})
  endif()
endforeach()

# bisque_parsers(NAME OPTIONS...): a static library of all parsers, built with these compile and link options.
function(bisque_parsers name)
  set(sources "")
  foreach(folder IN LISTS BISQUE_PARSER_FOLDERS)
    file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  add_library(${name} STATIC ${sources})
  bisque_join_sources(${name})
  # Users of it need no instrumentation, which would double the build time.
  target_compile_options(${name} PRIVATE -O1 -g1 ${ARGN})
  target_link_options(${name} PUBLIC ${ARGN})
  target_link_libraries(${name} PUBLIC bisque_options ${BISQUE_CORE_LIBRARIES} ${BISQUE_OPS3D_LIBRARIES} ${BISQUE_RENDERER_LIBRARIES})
endfunction()
