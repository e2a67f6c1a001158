# Imported targets for the libtorch of a Python wheel: bisque::libtorch, and bisque::libtorch_cuda if the wheel has CUDA. (find_package(Torch) would run its own
# CUDA detection.) The wheel is that of BISQUE_PYTHON, or BISQUE_TORCH_DIR is its folder.
set(BISQUE_PYTHON "" CACHE FILEPATH "Python whose torch is built against; default: the tree's .venv, else python3")
set(BISQUE_TORCH_DIR "" CACHE PATH "Folder of the torch package (with include/ and lib/); default: BISQUE_PYTHON's")

# In a Python wheel this file is in SITE_PACKAGES/bisque3d/lib/cmake/bisque: the torch beside it, and the Python of the virtual environment.
get_filename_component(site_packages ${CMAKE_CURRENT_LIST_DIR}/../../../.. ABSOLUTE)
if(NOT BISQUE_PYTHON AND NOT BISQUE_TORCH_DIR AND EXISTS ${site_packages}/torch/include/ATen/ATen.h)
  set(BISQUE_TORCH_DIR ${site_packages}/torch CACHE PATH "Folder of the torch package" FORCE)
endif()
get_filename_component(venv_python ${site_packages}/../../../bin/python ABSOLUTE)
if(NOT BISQUE_PYTHON AND "${BISQUE_TORCH_DIR}" STREQUAL "${site_packages}/torch" AND EXISTS ${venv_python})
  set(BISQUE_PYTHON ${venv_python})
endif()

if(NOT BISQUE_PYTHON)
  if(SKBUILD)  # pip's Python
    set(BISQUE_PYTHON ${Python3_EXECUTABLE})
  elseif(EXISTS ${CMAKE_CURRENT_LIST_DIR}/../.venv/bin/python)
    get_filename_component(BISQUE_PYTHON ${CMAKE_CURRENT_LIST_DIR}/../.venv/bin/python ABSOLUTE)
  else()
    find_program(BISQUE_PYTHON3 python3 REQUIRED)
    mark_as_advanced(BISQUE_PYTHON3)
    set(BISQUE_PYTHON ${BISQUE_PYTHON3})
  endif()
endif()

if(NOT BISQUE_TORCH_DIR)
  # find_spec does not import torch, which would take seconds.
  execute_process(COMMAND ${BISQUE_PYTHON} -c
    "import importlib.util as u, os; print(os.path.dirname(u.find_spec('torch').origin), end='')"
    OUTPUT_VARIABLE found RESULT_VARIABLE failed ERROR_QUIET)
  if(failed)
    message(FATAL_ERROR "Bisque needs libtorch: ${BISQUE_PYTHON} has no torch; run `make setup`, or set -DBISQUE_TORCH_DIR=<folder of the torch package>.")
  endif()
  set(BISQUE_TORCH_DIR ${found} CACHE PATH "Folder of the torch package" FORCE)
endif()
if(NOT EXISTS ${BISQUE_TORCH_DIR}/include/ATen/ATen.h)
  message(FATAL_ERROR "Bisque needs libtorch: ${BISQUE_TORCH_DIR} has no include/ATen/ATen.h; set -DBISQUE_TORCH_DIR=<folder of the torch package>.")
endif()
file(STRINGS ${BISQUE_TORCH_DIR}/version.py BISQUE_TORCH_VERSION REGEX "^__version__")
string(REGEX REPLACE "^[^']*'([^']*)'.*" "\\1" BISQUE_TORCH_VERSION "${BISQUE_TORCH_VERSION}")

# The wheel's libraries are in its lib/, those of CUDA in nvidia/*/lib beside it.
set(BISQUE_LIBTORCH_RPATH ${BISQUE_TORCH_DIR}/lib)
file(GLOB nvidia_folders ${BISQUE_TORCH_DIR}/../nvidia/*/lib)

if(NOT TARGET bisque::libtorch)
  # Only the headers, for the stable ABI.
  add_library(bisque::libtorch_headers INTERFACE IMPORTED GLOBAL)
  target_include_directories(bisque::libtorch_headers SYSTEM INTERFACE
    ${BISQUE_TORCH_DIR}/include ${BISQUE_TORCH_DIR}/include/torch/csrc/api/include)
  foreach(name c10 torch_cpu torch c10_cuda torch_cuda)
    if(EXISTS ${BISQUE_TORCH_DIR}/lib/lib${name}.so)
      add_library(bisque::${name} SHARED IMPORTED GLOBAL)
      set_target_properties(bisque::${name} PROPERTIES IMPORTED_LOCATION ${BISQUE_TORCH_DIR}/lib/lib${name}.so)
      # CUDA libtorch needs libraries that only its rpath finds, and a system NCCL would lack symbols: these are resolved at run time.
      target_link_options(bisque::${name} INTERFACE -Wl,--allow-shlib-undefined)
      foreach(folder IN LISTS BISQUE_LIBTORCH_RPATH nvidia_folders)
        target_link_options(bisque::${name} INTERFACE -Wl,-rpath-link,${folder})
      endforeach()
    endif()
  endforeach()
  add_library(bisque::libtorch INTERFACE IMPORTED GLOBAL)
  target_link_libraries(bisque::libtorch INTERFACE bisque::libtorch_headers bisque::torch_cpu bisque::c10)
  # libtorch has no stable C++ ABI: CMake rejects to link a library that is bound to another torch (see bisque_library).
  string(REGEX MATCH "^[0-9.]+[0-9]" torch_release ${BISQUE_TORCH_VERSION})
  set_target_properties(bisque::libtorch PROPERTIES
    INTERFACE_BISQUE_TORCH ${torch_release} COMPATIBLE_INTERFACE_STRING BISQUE_TORCH)
  if(TARGET bisque::torch_cuda)
    add_library(bisque::libtorch_cuda INTERFACE IMPORTED GLOBAL)
    target_link_libraries(bisque::libtorch_cuda INTERFACE bisque::torch_cuda bisque::c10_cuda)
  endif()
endif()
