// Options of Modules: one description gives the reader, the text and the list.
#include <bisque/core/registry/options.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <bisque/core/registry/config_json.h>
#include <bisque/core/registry/module_plugin.h>
#include <bisque/tests/testing/errors.h>

#define EXPECT_ERROR(expression, part) test::expect_contains(test::error_of([&] { (void)(expression); }), part)

namespace bisque {
namespace {

enum class Border { kZeros, kWrap };

struct BlurOptions {
  int radius = 1;
  double sigma = 0.5;
  bool normalize = true;
  std::string name = "box";
  std::vector<int64_t> strides = {1, 2};
  std::vector<float> weights;
  std::vector<uint8_t> sizes;
  std::optional<int64_t> limit;
  Border border = Border::kZeros;
};

void describe(OptionFields& fields, BlurOptions& options) {
  fields("radius", options.radius);
  fields("sigma", options.sigma);
  fields("normalize", options.normalize);
  fields("name", options.name);
  fields("strides", options.strides);
  fields("weights", options.weights);
  fields("sizes", options.sizes);
  fields("limit", options.limit);
  fields("border", options.border, {{"zeros", Border::kZeros}, {"wrap", Border::kWrap}});
}

struct Nested {
  int64_t size = 0;
  BlurOptions blur;
  Config others;
};

void describe(OptionFields& fields, Nested& nested) {
  fields.required("size", nested.size);
  fields.nested("blur", nested.blur);
  fields.others("filter", nested.others);
}

BlurOptions read(const Config& config) { return read_options<BlurOptions>("acme.Blur", config); }

TEST(Options, AreReadByTheirNames) {
  const BlurOptions all = read({{"radius", 3},
                                {"sigma", int64_t{2}},
                                {"normalize", false},
                                {"name", std::string("gauss")},
                                {"strides", std::vector<double>{4}},
                                {"weights", std::vector<double>{0.5, 0.25}},
                                {"limit", 9},
                                {"border", std::string("wrap")}});
  EXPECT_EQ(all.radius, 3);
  EXPECT_EQ(all.sigma, 2.0);
  EXPECT_FALSE(all.normalize);
  EXPECT_EQ(all.name, "gauss");
  EXPECT_EQ(all.strides, std::vector<int64_t>{4});
  EXPECT_EQ(all.weights, (std::vector<float>{0.5f, 0.25f}));
  EXPECT_EQ(all.limit, 9);
  EXPECT_EQ(all.border, Border::kWrap);
  const BlurOptions none = read({});
  EXPECT_EQ(none.radius, 1);
  EXPECT_FALSE(none.limit.has_value());
}

TEST(Options, ListsAndTensorsBecomeEachOther) {
  EXPECT_EQ(read({{"strides", std::vector<int64_t>{4, 5}}}).strides, (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(read({{"strides", at::tensor({4, 5}, at::kInt)}}).strides, (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(read({{"weights", std::vector<int64_t>{2}}}).weights, std::vector<float>{2});
  EXPECT_EQ(read({{"weights", at::tensor({2, 3}, at::kInt)}}).weights, (std::vector<float>{2, 3}));
  EXPECT_EQ(read({{"weights", at::tensor({0.5}, at::kDouble)}}).weights, std::vector<float>{0.5});
}

TEST(Options, NoneIsNoneOrTheDefault) {
  EXPECT_EQ(read({{"radius", std::monostate()}}).radius, 1);
  EXPECT_FALSE(read({{"limit", std::monostate()}}).limit.has_value());
  struct OfDefault {
    std::optional<int64_t> most = 3;
  } options;
  OptionFields fields;
  fields("most", options.most);
  fields.read("acme.Most", {{"most", std::monostate()}});
  EXPECT_FALSE(options.most.has_value());
  EXPECT_EQ(read_options<Nested>("acme.Net", {{"size", 2}, {"blur", std::monostate()}}).blur.radius, 1);
  EXPECT_ERROR(read_options<Nested>("acme.Net", {{"size", std::monostate()}}), "expected the setting size, which has");
}

TEST(Options, AreReadFromJson) {
  const Config config = parse_config(R"({"radius": 2, "sigma": 1, "normalize": false, "name": "gauss", "limit": null,
                                         "strides": [3, 4], "weights": [0.5, 1]})");
  EXPECT_EQ(read(config).radius, 2);
  EXPECT_EQ(read(config).sigma, 1);
  EXPECT_FALSE(read(config).normalize);
  EXPECT_EQ(read(config).name, "gauss");
  EXPECT_EQ(read(config).strides, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(read(config).weights, (std::vector<float>{0.5f, 1}));
  const auto nested = read_options<Nested>("acme.Net", parse_config(R"({"size": 3, "blur": {"radius": 5},
                                                                        "filter": {"a": {"b": true}}})"));
  EXPECT_EQ(nested.blur.radius, 5);
  EXPECT_TRUE(std::get<bool>(nested.others.values().at("a.b")));
  EXPECT_ERROR(read(parse_config(R"({"raduis": 2})")),
               "acme.Blur has no setting \"raduis\", expected one of: radius, ");
  EXPECT_ERROR(read(parse_config(R"({"radius": 2.5})")),
               "acme.Blur: expected radius to be an integer, but got a number.");
  EXPECT_ERROR(read(parse_config(R"({"radius": 9223372036854775808})")), "an integer, but got a number.");
  EXPECT_ERROR(parse_config("[1]", "net.json"), "net.json: expected a JSON object, but got array.");
  EXPECT_ERROR(parse_config(R"({"a": {"b": ["c"]}})", "net.json"),
               "net.json: expected \"a.b\" to be an array of numbers.");
  EXPECT_ERROR(parse_config("{", "net.json"), "net.json");
}

TEST(Options, HaveATextAsInPython) {
  EXPECT_EQ(options_text(BlurOptions{}),
            "radius=1, sigma=0.5, normalize=True, name='box', strides=[1, 2], weights=[], sizes=[], limit=None, "
            "border='zeros'");
  EXPECT_EQ(options_text(NoOptions{}), "");
}

TEST(Options, AreListedWithTheirDefaults) {
  const auto list = list_options<Nested>();
  ASSERT_EQ(list.size(), 11u);
  EXPECT_EQ(list[0].name, "size");
  EXPECT_TRUE(list[0].is_required);
  EXPECT_FALSE(list[0].default_value.has_value());
  EXPECT_EQ(list[2].name, "blur.sigma");
  EXPECT_EQ(option_text(list[2].default_value), "0.5");
  EXPECT_FALSE(list[2].is_required);
  EXPECT_TRUE(std::holds_alternative<int64_t>(list[8].type));  // limit
  EXPECT_EQ(option_text(list[8].default_value), "None");
  EXPECT_EQ(option_text(list[9].default_value), "'zeros'");
  EXPECT_EQ(list[10].name, "filter.*");
}

TEST(Options, NestedOnesHaveAPrefix) {
  const auto nested = read_options<Nested>("acme.Net", {{"size", 2}, {"blur.radius", 7}, {"filter.a.b", true}});
  EXPECT_EQ(nested.size, 2);
  EXPECT_EQ(nested.blur.radius, 7);
  EXPECT_TRUE(std::get<bool>(nested.others.values().at("a.b")));
  EXPECT_ERROR(read_options<Nested>("acme.Net", {}), "acme.Net: expected the setting size, which has no default.");
}

TEST(Options, RefuseWhatTheyDoNotKnow) {
  EXPECT_ERROR(read({{"raduis", 2}}), "acme.Blur has no setting \"raduis\", expected one of: radius, sigma, ");
  EXPECT_ERROR(read({{"raduis", 2}}), "(nearest: radius).");
  EXPECT_ERROR(read_options<NoOptions>("acme.Plain", {{"a", 1}}), "acme.Plain has no setting \"a\", expected none.");
  EXPECT_ERROR(read({{"radius", 1.5}}), "acme.Blur: expected radius to be an integer, but got a number.");
  EXPECT_ERROR(read({{"limit", std::string("no")}}), "acme.Blur: expected limit to be an integer, but got a string.");
  EXPECT_ERROR(read({{"radius", int64_t{1} << 40}}),
               "acme.Blur: expected radius to be in the range of its type, but got 1099511627776.");
  EXPECT_ERROR(read({{"strides", std::vector<double>{1.5}}}),
               "acme.Blur: expected strides to be a list of integers, but got a list of numbers.");
  EXPECT_ERROR(read({{"strides", std::vector<double>{1e19}}}), "expected strides to be a list of integers, but got ");
  EXPECT_ERROR(read({{"sizes", std::vector<int64_t>{1, 300}}}),
               "acme.Blur: expected sizes to be in the range of its type, but got [1, 300].");
  EXPECT_ERROR(read({{"weights", at::ones({2, 2})}}),
               "acme.Blur: expected weights to be a list of numbers, but got a tensor.");
  EXPECT_ERROR(read({{"strides", at::ones({2})}}), "expected strides to be a list of integers, but got a tensor.");
  EXPECT_ERROR(read({{"raduis", std::monostate()}}), "acme.Blur has no setting \"raduis\", expected one of: radius, ");
  EXPECT_ERROR(read({{"border", std::string("mirror")}}),
               "acme.Blur: expected border to be zeros or wrap, but got \"mirror\".");
}

struct Blur : ModuleOf<Blur> {
  explicit Blur(const BlurOptions& options) : radius(options.radius) {}
  at::Tensor forward(const at::Tensor& x, double scale = 1) const { return x * radius * scale; }
  int radius;
};

struct Scaled : ModuleOf<Scaled> {
  Scaled(int64_t a, double b) : a(a), b(b) {}
  std::pair<at::Tensor, int64_t> forward(const at::Tensor& x, const std::optional<at::Tensor>& y, const Kwargs& more) {
    return {y ? x + *y : x, a + static_cast<int64_t>(more.size())};
  }
  std::string extra_repr() const override { return "its own"; }
  int64_t a;
  double b;
};

/// The Modules of a plugin, as a host receives them.
ModuleRegistry& registered() {
  static auto* const registry = [] {
    ModulePlugin plugin;
    plugin.add_module<BlurOptions, Blur>("acme.Blur");
    plugin.add_module<BlurOptions, Scaled>(
        "acme.Scaled", [](const BlurOptions& options) { return std::tuple(int64_t{options.radius}, options.sigma); });
    plugin.add_module<BlurOptions>("acme.Made",
                                   [](const BlurOptions& options) { return std::make_shared<Blur>(options); });
    plugin.add_module("acme.Plain", [](const Config&) { return std::make_shared<Blur>(BlurOptions{}); });
    auto* const fresh = new ModuleRegistry;
    BisqueHost host{};
    host.context = fresh;
    host.add_module = [](void* context, const char* name, const void* factory) {
      static_cast<ModuleRegistry*>(context)->add(name, *static_cast<const ModuleFactory*>(factory));
      return 0;
    };
    host.add_format = [](void*, const void*) { return 0; };
    plugin.answer("acme", "1", &host, nullptr);
    return fresh;
  }();
  return *registry;
}

TEST(Options, MakeModulesThatShowThem) {
  const auto blur = registered().make<Blur>("acme.Blur", {{"radius", 4}});
  EXPECT_EQ(blur->radius, 4);
  EXPECT_EQ(blur->repr().substr(0, 25), "Blur(radius=4, sigma=0.5,");
  EXPECT_EQ(blur->clone()->repr(), blur->repr());
  const auto scaled = registered().make<Scaled>("acme.Scaled", {{"radius", 2}, {"sigma", 3.0}});
  EXPECT_EQ(scaled->a, 2);
  EXPECT_EQ(scaled->b, 3);
  EXPECT_EQ(scaled->repr(), "Scaled(its own)");
  EXPECT_EQ(registered().make<Blur>("acme.Made", {{"radius", 5}})->radius, 5);
  EXPECT_EQ(registered().options("acme.Made")->size(), 9u);
  EXPECT_FALSE(registered().options("acme.Plain").has_value());
  EXPECT_ERROR(registered().options("acme.Blurr"), "there is no Module \"acme.Blurr\", expected one of: ");
}

TEST(ModuleCall, TakesValues) {
  const auto blur = registered().make("acme.Blur", {{"radius", 2}});
  const at::Tensor x = at::ones({2});
  EXPECT_EQ(call_with_values(*blur, {x}, {}).as<at::Tensor>()[0].item<double>(), 2);
  EXPECT_EQ(call_with_values(*blur, {x, 3}, {}).as<at::Tensor>()[0].item<double>(), 6);
  int hooks = 0;
  blur->register_forward_hook(
      [&](Module&, const Tuple& args, const Value&) { hooks += static_cast<int>(args.size()); });
  call_with_values(*blur, {x, 0.5}, {});
  EXPECT_EQ(hooks, 2);
  const auto scaled = registered().make("acme.Scaled");
  Kwargs more;
  more.set("b", 1);
  const Value result = call_with_values(*scaled, {x, Value()}, more);
  EXPECT_EQ(result.as<Tuple>()[1].as<int64_t>(), 2);
}

TEST(ModuleCall, RefusesWhatDoesNotFit) {
  const auto blur = registered().make("acme.Blur");
  EXPECT_ERROR(call_with_values(*blur, {}, {}), "Blur: forward cannot be called with 0 arguments, expected up to 2.");
  EXPECT_ERROR(call_with_values(*blur, {1}, {}), "Blur: argument 0 of forward: expected Tensor, but got int.");
  Kwargs kwargs;
  kwargs.set("scale", 1.0);
  EXPECT_ERROR(call_with_values(*blur, {at::ones(1)}, kwargs),
               "Blur: expected positional arguments of forward, but got the keyword argument \"scale\".");
  struct Silent : ModuleOf<Silent> {};
  Silent silent;
  EXPECT_ERROR(call_with_values(silent, {at::ones(1), 2}, {}),
               "Silent: forward cannot be called with 2 arguments, expected 1.");
  EXPECT_ERROR(call_with_values(silent, {2}, {}), "Silent: argument 0 of forward: expected Tensor, but got int.");
}

}  // namespace

// Not in the anonymous namespace, where a function that is only declared is a warning.
namespace overloads {

struct Scaler : Module {
  virtual double scale() const = 0;
};
struct Triple : ModuleOf<Triple, Scaler> {
  double scale() const override { return 3; }
};
struct Grid {
  at::Tensor values;
  double spacing = 1;
};

struct Scale : ModuleOf<Scale> {
  at::Tensor forward(const Scaler& scaler, const Grid& grid) const { return grid.values * scaler.scale(); }
  at::Tensor forward(const Scaler& scaler, const at::Tensor& x, std::optional<int64_t> times = {}) const {
    return x * scaler.scale() * times.value_or(1);
  }
  at::Tensor forward(const std::vector<std::shared_ptr<const Scaler>>& scalers) const {
    return at::full({}, static_cast<int64_t>(scalers.size()));
  }
};
Overloads<at::Tensor(const Scaler&, const Grid&), at::Tensor(const Scaler&, const at::Tensor&, std::optional<int64_t>),
          at::Tensor(const std::vector<std::shared_ptr<const Scaler>>&)>
forward_overloads(const Scale&);

}  // namespace overloads

namespace {

using namespace overloads;

Value value_of(std::shared_ptr<Module> module) { return Value::of(std::move(module)); }

TEST(ModuleCall, TakesModulesAndOverloads) {
  add_value_call(typeid(Scale), value_call::call_as<Scale>);
  Scale scale;
  const Value triple = value_of(std::make_shared<Triple>()), grid = Value::of(Grid{at::ones({2})});
  const auto call = [&](const Tuple& args) { return call_with_values(scale, args, {}).as<at::Tensor>(); };
  EXPECT_EQ(call({triple, grid}).sum().item<double>(), 6);
  EXPECT_EQ(call({triple, at::ones(1)}).item<double>(), 3);
  EXPECT_EQ(call({triple, at::ones(1), 2}).item<double>(), 6);
  EXPECT_EQ(call(Tuple{Value(List{triple, triple})}).item<int64_t>(), 2);
  EXPECT_EQ(call(Tuple{Value(Tuple{})}).item<int64_t>(), 0);
  EXPECT_ERROR(call(Tuple{Value(Tuple{triple, Value()})}),
               "Scale: argument 0 of forward: expected a list of Scaler, but got tuple.");
  EXPECT_ERROR(call({triple, 1, 2}), "Scale: argument 1 of forward: expected Tensor, but got int.");
  EXPECT_ERROR(call({value_of(std::make_shared<Scale>()), at::ones(1)}),
               "Scale: expected the arguments of forward to be (Scaler, Grid) or (Scaler, Tensor, int or None) or "
               "(a list of Scaler), but got (Scale, Tensor).");
  EXPECT_ERROR(call({}), "but got ().");
  EXPECT_ERROR(call({triple, at::ones(1), 1, 1}), "but got (Triple, Tensor, int, int).");
}

std::shared_ptr<const ObjectClass> described(const std::string& name) {
  ObjectFields<Grid> fields(name);
  fields.member("values", &Grid::values).member("spacing", &Grid::spacing);
  fields.attribute("sum", [](const Grid& grid) { return grid.values.sum(); });
  return fields.described();
}

TEST(ObjectClass, IsMadeAndRead) {
  const auto grids = described("acme.Grid");
  Dict named;
  named.set("spacing", 2);
  const Value grid = grids->make({at::ones({3})}, named);
  EXPECT_EQ(grid.as<Grid>().spacing, 2);
  EXPECT_EQ((*grids->find("sum"))(grid).as<at::Tensor>().item<double>(), 3);
  EXPECT_EQ(grids->find("sums"), nullptr);
  EXPECT_EQ(grids->attributes(), (std::vector<std::string>{"values", "spacing", "sum"}));
  ObjectClass silent("acme.Silent", typeid(int), [](const Value&) { return false; });
  EXPECT_ERROR(silent.make({}, {}), "acme.Silent: its objects are only made in C++.");
  EXPECT_ERROR(ObjectFields<Grid>("acme.Grid").constructor({}, [](const at::Tensor& values) { return Grid{values}; }),
               "ObjectFields: acme.Grid: expected 1 names, but got 0.");
}

TEST(ObjectClass, HasANameOfItsOwn) {
  EXPECT_EQ(add_object_class(described("acme.Taken")), "");
  EXPECT_EQ(add_object_class(described("acme.Taken")), "");  // of a plugin that is loaded again
  ObjectFields<Config> other("acme.Taken");
  EXPECT_EQ(add_object_class(other.described()), "the name \"acme.Taken\" of a class of objects is taken");
  EXPECT_EQ(class_of(Value::of(Grid{}))->name(), "acme.Taken");
  EXPECT_EQ(class_of(Value::of(Config{})), nullptr);
}

}  // namespace
}  // namespace bisque
