// Objects that Modules take and return, such as Meshes and Fragments, for Python: by the name of their class they are
// made, and their attributes are read.
//
//   plugin.add_object<Image>("acme.Image").required("pixels", &Image::pixels);
//   plugin.add_object<Grid>("acme.Grid")
//       .constructor({"values", "spacing"}, [](const at::Tensor& values, std::optional<double> spacing) { ... })
//       .attribute("values", &Grid::values);
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include <bisque/core/registry/argument.h>

namespace bisque {

/// A class of objects.
class ObjectClass {
 public:
  struct Parameter {
    std::string name;
    bool is_required = false;
  };
  /// Makes an object of one value per parameter, None where none was given.
  using Make = std::function<Value(const ObjectClass& self, const Tuple& values)>;
  using Read = std::function<Value(const Value& object)>;
  using Holds = bool (*)(const Value& value);

  /// `holds`: whether a value is an object of this class.
  ObjectClass(std::string name, const std::type_info& type, Holds holds)
      : name_(std::move(name)), type_(&type), holds_(holds) {}

  const std::string& name() const { return name_; }
  const std::type_info& type() const { return *type_; }
  bool holds(const Value& value) const { return holds_(value); }
  /// Empty if its objects are only made in C++.
  const std::vector<Parameter>& parameters() const { return parameters_; }
  std::vector<std::string> attributes() const;

  /// Errors: a class that is only made in C++; too many or missing arguments, one that is given twice or has an unknown
  /// name, or another type; the errors of its constructor.
  Value make(const Tuple& args, const Dict& named) const;
  /// Null if it has no such attribute.
  const Read* find(const std::string& attribute) const;

  void add_parameter(const std::string& name, bool is_required) { parameters_.push_back({name, is_required}); }
  void add_attribute(const std::string& name, Read read) { attributes_.emplace_back(name, std::move(read)); }
  void set_make(Make make) { make_ = std::move(make); }

  /// The value of a parameter. Error: another type.
  template <class T>
  auto argument(const Tuple& values, size_t index) const {
    auto held = Argument<T>::from(values[index]);
    if (!held) fail_argument(index, Argument<T>::name(), values[index]);
    return *std::move(held);
  }

 private:
  [[noreturn]] void fail_argument(size_t index, const std::string& expected, const Value& value) const;

  std::string name_;
  const std::type_info* type_;
  Holds holds_;
  std::vector<Parameter> parameters_;
  std::vector<std::pair<std::string, Read>> attributes_;
  Make make_;
};

/// Describes an ObjectClass of the C++ class T. Objects are Values that hold a T, or with a Base, which forwards take
/// by pointer, a std::shared_ptr<const Base>.
template <class T, class Base = T>
class ObjectFields {
 public:
  explicit ObjectFields(const std::string& name) : described_(std::make_shared<ObjectClass>(name, typeid(T), holds)) {}

  const std::shared_ptr<ObjectClass>& described() const { return described_; }

  /// A member of a struct, which objects are made of, and which can be read. Without a value it has its default.
  template <class V>
  ObjectFields& member(const std::string& name, V T::*place) {
    return add_member(name, place, false);
  }
  /// A member that has no default.
  template <class V>
  ObjectFields& required(const std::string& name, V T::*place) {
    return add_member(name, place, true);
  }

  /// Objects are made by a function of these parameters, of which those of the type std::optional may be left out.
  template <class Function>
  ObjectFields& constructor(const std::vector<std::string>& names, Function make) {
    set_constructor(names, std::function(std::move(make)));
    return *this;
  }

  /// What can be read: a member function without arguments, or a function of const T&.
  template <class Function>
  ObjectFields& attribute(const std::string& name, Function read) {
    described_->add_attribute(name,
                              [read](const Value& object) { return result_value(std::invoke(read, self(object))); });
    return *this;
  }

 private:
  template <class V>
  ObjectFields& add_member(const std::string& name, V T::*place, bool is_required) {
    described_->add_parameter(name, is_required);
    setters_->push_back([place](const ObjectClass& self, T& object, const Tuple& values, size_t index) {
      object.*place = self.argument<V>(values, index);
    });
    described_->set_make([setters = setters_](const ObjectClass& self, const Tuple& values) {
      T object{};
      for (size_t i = 0; i < values.size(); ++i) {
        if (!values[i].is_none()) (*setters)[i](self, object, values, i);
      }
      return to_object(std::move(object));
    });
    return attribute(name, [place](const T& object) { return object.*place; });
  }

  static constexpr bool kIsShared = !std::same_as<T, Base>;
  using Setter = std::function<void(const ObjectClass&, T&, const Tuple&, size_t)>;

  static bool holds(const Value& value) {
    if constexpr (kIsShared) {
      const auto* pointer = value.get_if<std::shared_ptr<const Base>>();
      return pointer && *pointer && typeid(**pointer) == typeid(T);
    } else {
      return value.is<T>();
    }
  }
  static Value to_object(T object) {
    if constexpr (kIsShared) {
      return Value::of(std::shared_ptr<const Base>(std::make_shared<T>(std::move(object))));
    } else {
      return Value::of(std::move(object));
    }
  }
  static const T& self(const Value& object) {
    if constexpr (kIsShared) {
      return static_cast<const T&>(*object.as<std::shared_ptr<const Base>>());
    } else {
      return object.as<T>();
    }
  }

  template <class... Args>
  void set_constructor(const std::vector<std::string>& names, std::function<T(Args...)> make) {
    constexpr bool kOptional[] = {std::is_constructible_v<std::decay_t<Args>, std::nullopt_t>...};
    if (names.size() != sizeof...(Args)) {
      fail("ObjectFields: ", described_->name(), ": expected ", sizeof...(Args), " names, but got ", names.size(), ".");
    }
    for (size_t i = 0; i < names.size(); ++i) described_->add_parameter(names[i], !kOptional[i]);
    described_->set_make([make](const ObjectClass& self, const Tuple& values) {
      return to_object([&]<size_t... I>(std::index_sequence<I...>) {
        std::tuple converted{self.argument<std::decay_t<Args>>(values, I)...};
        return make(Argument<std::decay_t<Args>>::pass(std::get<I>(converted))...);
      }(std::index_sequence_for<Args...>()));
    });
  }

  std::shared_ptr<ObjectClass> described_;
  std::shared_ptr<std::vector<Setter>> setters_ = std::make_shared<std::vector<Setter>>();
};

/// Adds a class to those of the program. Returns what is wrong: "" or a taken name.
std::string add_object_class(std::shared_ptr<const ObjectClass> described);

/// The class of an object; null if no plugin has described it.
std::shared_ptr<const ObjectClass> class_of(const Value& object);
/// By its name, with the built-in plugins loaded. Error: an unknown name.
std::shared_ptr<const ObjectClass> object_class(const std::string& name);
std::vector<std::string> object_class_names();

}  // namespace bisque
