#include <bisque/core/plugin/exception_text.h>

#include <c10/util/Exception.h>
#include <cxxabi.h>

#include <bisque/core/type_name.h>

namespace bisque {

std::string current_exception_text() {
  try {
    throw;
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    const std::type_info* type = abi::__cxa_current_exception_type();  // null: not a C++ exception
    return type ? "an exception of type " + type_name(*type) : "an exception of another language";
  }
}

}  // namespace bisque
