# Third-party libraries, by CMake package or pkg-config: BISQUE_<FOLDER>_LIBRARIES is what the folder's library links.
find_package(PkgConfig REQUIRED)

pkg_check_modules(deflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
find_package(nlohmann_json REQUIRED)
set(BISQUE_CORE_LIBRARIES PkgConfig::deflate nlohmann_json::nlohmann_json)

if(EXISTS ${PROJECT_SOURCE_DIR}/ops3d)
  find_package(draco REQUIRED CONFIG)
  find_package(meshoptimizer REQUIRED CONFIG)
  find_package(TinyGLTF REQUIRED CONFIG)
  find_package(tinyobjloader REQUIRED CONFIG)
  # Draco's shared library in Debian also exports a tinygltf. tinygltf and tinyobjloader are compiled in ops3d/io, with its own options.
  set(BISQUE_OPS3D_LIBRARIES draco::draco_static meshoptimizer::meshoptimizer nlohmann_json::nlohmann_json
    $<COMPILE_ONLY:TinyGLTF::TinyGLTF> $<COMPILE_ONLY:tinyobjloader::tinyobjloader>)
endif()

if(EXISTS ${PROJECT_SOURCE_DIR}/renderer)
  find_package(Eigen3 REQUIRED NO_MODULE)
  find_package(ZLIB REQUIRED)
  pkg_check_modules(spng REQUIRED IMPORTED_TARGET spng)
  pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
  set(BISQUE_RENDERER_LIBRARIES Eigen3::Eigen ZLIB::ZLIB PkgConfig::spng PkgConfig::turbojpeg nlohmann_json::nlohmann_json)
endif()

if(EXISTS ${PROJECT_SOURCE_DIR}/cli)
  find_package(CLI11 REQUIRED)
  find_package(OpenSSL REQUIRED)
  set(BISQUE_CLI_LIBRARIES CLI11::CLI11 OpenSSL::Crypto PkgConfig::hwy nlohmann_json::nlohmann_json)
endif()
