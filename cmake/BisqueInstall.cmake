# `make install PREFIX=...`: libraries, public headers as <bisque/...>, the program, docs, and a CMake package: find_package(bisque). The
# prefix can be moved.
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY BISQUE_LIBRARIES)
install(TARGETS ${libraries} EXPORT bisqueTargets)
install(EXPORT bisqueTargets NAMESPACE bisque:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/bisque)
if(TARGET bisque)
  install(TARGETS bisque RUNTIME)
endif()

# bisque_public_headers(VARIABLE FOLDER): the headers directly in FOLDER that users include. In an op's folder that is the header which has the
# folder's name; elsewhere, every header whose first line does not begin with "// Internal".
function(bisque_public_headers variable folder)
  file(GLOB op_files CONFIGURE_DEPENDS ${folder}/*_kernels.h)
  if(op_files)
    get_filename_component(name ${folder} NAME)
    file(GLOB public CONFIGURE_DEPENDS ${folder}/${name}.h)
  else()
    set(public "")
    file(GLOB headers CONFIGURE_DEPENDS ${folder}/*.h ${folder}/*.cuh)
    foreach(header IN LISTS headers)
      file(STRINGS ${header} first_line LIMIT_COUNT 1)
      if(NOT first_line MATCHES "^// Internal")
        list(APPEND public ${header})
      endif()
    endforeach()
  endif()
  set(${variable} "${public}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE headers RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS core/*.h ops3d/*.h renderer/*.h)
set(folders "")
foreach(header IN LISTS headers)
  get_filename_component(folder ${header} DIRECTORY)
  list(APPEND folders ${folder})
endforeach()
list(REMOVE_DUPLICATES folders)
foreach(folder IN LISTS folders)
  bisque_public_headers(public ${PROJECT_SOURCE_DIR}/${folder})
  install(FILES ${public} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bisque/${folder})
endforeach()

configure_package_config_file(cmake/bisqueConfig.cmake.in ${PROJECT_BINARY_DIR}/bisqueConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/bisque PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/bisqueConfigVersion.cmake COMPATIBILITY SameMinorVersion)
set(package_files ${PROJECT_BINARY_DIR}/bisqueConfig.cmake ${PROJECT_BINARY_DIR}/bisqueConfigVersion.cmake
  cmake/BisqueLibtorch.cmake cmake/BisqueOps.cmake)
install(FILES ${package_files} DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/bisque)
# For authors of ops: the sources that bisque_op_library() compiles into each library, and the Python package with the test kit.
set(op_library_files core/ops/checks.cpp core/ops/declaration.cpp core/ops/op_text.cpp core/ops/plugin_entry.cpp core/ops/registration.cpp)
install(FILES ${op_library_files} DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/bisque/op_library)
set(python_files PATTERN "__pycache__" EXCLUDE)
install(DIRECTORY python/bisque3d DESTINATION ${CMAKE_INSTALL_DATADIR}/bisque/python ${python_files})
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
include(BisqueWheel)
