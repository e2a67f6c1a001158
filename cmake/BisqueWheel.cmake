# The component `wheel`: what the Python wheel holds, as an install prefix that is the package's folder. It has the op libraries, the headers of
# ops and a CMake package that gives bisque_op_library(), but not the C++ libraries, which are bound to one torch. scripts/wheel.py packs it.
foreach(library IN LISTS libraries)
  if(library MATCHES "_ops(_cuda)?$")
    install(TARGETS ${library} LIBRARY DESTINATION lib COMPONENT wheel EXCLUDE_FROM_ALL)
  endif()
endforeach()

foreach(folder IN LISTS folders)
  get_filename_component(name ${folder} NAME)
  if(folder MATCHES "^core(/ops|/plugin)?$" OR (folder MATCHES "^(core/ops|ops3d)/" AND EXISTS ${PROJECT_SOURCE_DIR}/${folder}/${name}.cpp))
    bisque_public_headers(public ${PROJECT_SOURCE_DIR}/${folder})
    install(FILES ${public} DESTINATION include/bisque/${folder} COMPONENT wheel EXCLUDE_FROM_ALL)
  endif()
endforeach()

install(FILES ${package_files} DESTINATION lib/cmake/bisque COMPONENT wheel EXCLUDE_FROM_ALL)
install(FILES ${op_library_files} DESTINATION lib/cmake/bisque/op_library COMPONENT wheel EXCLUDE_FROM_ALL)
install(DIRECTORY python/bisque3d/ DESTINATION . COMPONENT wheel EXCLUDE_FROM_ALL ${python_files})
