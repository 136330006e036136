#include "sim/config/schema.h"

#include <gtest/gtest.h>

#include <string>

namespace mixpe {
namespace {

struct Part {
  std::int64_t count = 3;
  double price_pj = 0;
};
struct Whole {
  std::string name = "nameless";
  bool fast = true;
  double ratio = 0.5;
  std::int64_t size_bytes = 2048;
  Part one;
  std::vector<Part> many;
  std::map<std::string, Part> named;
};

Schema<Whole> whole_schema() {
  const Schema<Part> part = Schema<Part>()
                                .integer("count", &Part::count, 1, 9, Need::kOptional, "how many")
                                .quantity("price", &Part::price_pj, Dimension::kPicojoules, 0.0,
                                          100.0, Need::kRequired, "of each");
  return Schema<Whole>()
      .text("name", &Whole::name, Need::kOptional, "a name")
      .boolean("fast", &Whole::fast, Need::kOptional, "or slow")
      .real("ratio", &Whole::ratio, 0, 1, Need::kOptional, "of one to the other")
      .quantity("size", &Whole::size_bytes, Dimension::kBytes, 1, 1 << 20, Need::kOptional,
                "in all")
      .object("one", &Whole::one, part, Need::kRequired, "a part")
      .list("many", &Whole::many, part, 0, 3, Need::kOptional, "parts")
      .map_of("named", &Whole::named, part, Need::kOptional, "parts by name");
}

Whole read(const std::string& text, Diagnostics& wrong) {
  Whole whole;
  if (const auto root = parse_yaml("w.yaml", text, wrong)) {
    whole_schema().read(YamlValue(*root, wrong), whole);
  }
  return whole;
}

TEST(Schema, ReadsEveryKindOfMember) {
  Diagnostics wrong;
  const Whole whole = read(
      "name: n\nfast: false\nratio: 0.25\nsize: 1 MiB\none: {count: 4, price: 0.015 nJ}\n"
      "many: [{price: 1 pJ}, {price: 2 fJ}]\nnamed: {a: {price: 3 pJ}}\n",
      wrong);
  EXPECT_EQ(wrong.text(), "");
  EXPECT_EQ(whole.name, "n");
  EXPECT_FALSE(whole.fast);
  EXPECT_EQ(whole.ratio, 0.25);
  EXPECT_EQ(whole.size_bytes, 1 << 20);
  EXPECT_EQ(whole.one.count, 4);
  EXPECT_EQ(whole.one.price_pj, 15);
  ASSERT_EQ(whole.many.size(), 2U);
  EXPECT_EQ(whole.many[1].price_pj, 0.002);
  EXPECT_EQ(whole.named.at("a").price_pj, 3);
}

TEST(Schema, KeepsDefaultsOfWhatIsLeftOut) {
  Diagnostics wrong;
  const Whole whole = read("one: {price: 1 pJ}\n", wrong);
  EXPECT_EQ(wrong.text(), "");
  EXPECT_EQ(whole.name, "nameless");
  EXPECT_EQ(whole.size_bytes, 2048);
  EXPECT_EQ(whole.one.count, 3);
}

TEST(Schema, ReportsNestedMistakesWithTheirPath) {
  Diagnostics wrong;
  read("many: [{price: 1 pJ}, {count: 0}]\nnamed: {a: {price: 1 pJ, x: 1}}\n", wrong);
  EXPECT_EQ(wrong.text(),
            "w.yaml:1:1: one: missing key\n"
            "w.yaml:1:23: many[1].price: missing key\n"
            "w.yaml:1:31: many[1].count: out of range; got 0; allowed 1..9\n"
            "w.yaml:2:26: named.a.x: unknown key; allowed count, price");
}

TEST(Schema, ReadsWhatItDumps) {
  Diagnostics wrong;
  const Whole whole =
      read("ratio: 0.1\none: {price: 0.1 pJ}\nmany: [{price: 1 pJ}]\nnamed: {b: {price: 1 pJ}}\n",
           wrong);
  const std::string dumped = whole_schema().dump(whole).dump();
  EXPECT_EQ(dumped, R"({"name":"nameless","fast":true,"ratio":0.1,"size":"2 KiB",)"
                    R"("one":{"count":3,"price":"0.1 pJ"},"many":[{"count":3,"price":"1 pJ"}],)"
                    R"("named":{"b":{"count":3,"price":"1 pJ"}}})");
  const Whole again = read(dumped, wrong);
  EXPECT_EQ(wrong.text(), "");
  EXPECT_EQ(whole_schema().dump(again).dump(), dumped);
}

TEST(Schema, DescribesEveryKeyOnce) {
  std::string rows;
  const Schema<Whole> schema = whole_schema();
  for (const ReferenceRow& row : schema.describe()) {
    rows += row.key + "|" + row.allowed + "|" + row.fallback + "\n";
  }
  EXPECT_EQ(rows,
            "name||nameless\nfast|true, false|true\nratio|0..1|0.5\nsize|1 B..1 MiB|2 KiB\n"
            "one||required\none.count|1..9|3\none.price|0 pJ..100 pJ|required\n"
            "many|0..3 items|\nmany[].count|1..9|3\nmany[].price|0 pJ..100 pJ|required\n"
            "named||\nnamed.<name>.count|1..9|3\nnamed.<name>.price|0 pJ..100 pJ|required\n");
}

struct Shape {
  bool round = false;
  double radius_mm = 0;
  std::int64_t corners = 4;
  Part part;
};

Schema<Shape> shape_schema() {
  return Schema<Shape>()
      .choice<bool>("kind", &Shape::round, {{"disc", true}, {"polygon", false}}, Need::kRequired,
                    "which")
      .only_if(
          "`kind: disc`", [](const Shape& s) { return s.round; },
          Schema<Shape>().positive("radius_mm", &Shape::radius_mm, 10, Need::kRequired, "half"))
      .only_if(
          "`kind: polygon`", [](const Shape& s) { return !s.round; },
          Schema<Shape>().integer("corners", &Shape::corners, 3, 9, Need::kOptional, "angles"))
      .include(&Shape::part,
               Schema<Part>().integer("count", &Part::count, 1, 9, Need::kRequired, "how many"));
}

std::string mistakes_in_shape(const std::string& text) {
  Diagnostics wrong;
  Shape shape;
  const auto root = parse_yaml("s.yaml", text, wrong);
  shape_schema().read(YamlValue(*root, wrong), shape);
  return wrong.text();
}

TEST(Schema, KnowsSomeKeysOnlyUnderTheirCondition) {
  EXPECT_EQ(mistakes_in_shape("kind: disc\nradius_mm: 2\ncount: 1\n"), "");
  EXPECT_EQ(mistakes_in_shape("kind: polygon\ncount: 1\n"), "");
  EXPECT_EQ(mistakes_in_shape("kind: polygon\nradius_mm: 2\ncount: 1\n"),
            "s.yaml:2:1: radius_mm: unknown key; allowed kind, corners, count");
  EXPECT_EQ(mistakes_in_shape("kind: disc\ncount: 0\n"),
            "s.yaml:1:1: radius_mm: missing key\n"
            "s.yaml:2:8: count: out of range; got 0; allowed 1..9");
  const auto rows = shape_schema().describe();
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[1].doc, "`kind: disc`: half");
  EXPECT_EQ(rows[3].key, "count");
  EXPECT_EQ(shape_schema().dump(Shape{}).dump(), R"({"kind":"polygon","corners":4,"count":3})");
}

TEST(Schema, RefusesZeroWhereANumberMustBePositive) {
  EXPECT_EQ(mistakes_in_shape("kind: disc\nradius_mm: 0\ncount: 1\n"),
            "s.yaml:2:12: radius_mm: must be more than zero; got 0");
  EXPECT_EQ(mistakes_in_shape("kind: disc\nradius_mm: 11\ncount: 1\n"),
            "s.yaml:2:12: radius_mm: out of range; got 11; allowed 0..10");
}

}  // namespace
}  // namespace mixpe
