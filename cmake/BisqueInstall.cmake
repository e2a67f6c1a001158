# `make install PREFIX=...`: libraries, headers as <bisque/...>, the program, and a CMake package: find_package(bisque).
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY BISQUE_LIBRARIES)
install(TARGETS ${libraries} EXPORT bisqueTargets)
install(TARGETS bisque RUNTIME)
install(EXPORT bisqueTargets NAMESPACE bisque:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/bisque)
foreach(folder core ops3d renderer)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/bisque
    FILES_MATCHING PATTERN "*.h" PATTERN "*.cuh")
endforeach()
configure_package_config_file(cmake/bisqueConfig.cmake.in ${CMAKE_BINARY_DIR}/bisqueConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/bisque PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/bisqueConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/bisqueConfig.cmake ${CMAKE_BINARY_DIR}/bisqueConfigVersion.cmake
  cmake/BisqueLibtorch.cmake cmake/BisqueOps.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/bisque)
# For authors of ops: what bisque_op_library() compiles into each library, and the Python package with the test kit.
install(FILES core/ops/checks.cpp core/ops/declaration.cpp core/ops/op_text.cpp core/ops/plugin_entry.cpp core/ops/registration.cpp DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/bisque/op_library)
install(DIRECTORY python/bisque3d DESTINATION ${CMAKE_INSTALL_DATADIR}/bisque/python FILES_MATCHING PATTERN "*.py")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
