#include "sim/sweep/page_data.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <type_traits>

#include "sim/sweep/answers.h"

namespace mixpe {
namespace {

using Json = nlohmann::ordered_json;

/// All columns and layers together; the page has 20 MB with its scripts.
constexpr std::size_t kDataBytes = 18'000'000;

static_assert(std::endian::native == std::endian::little, "columns are little-endian");

template <class T>
Json column(const std::vector<T>& values, const char* type) {
  const auto same = [&](const T& v) {
    return std::memcmp(&v, &values.front(), sizeof v) == 0;  // NaN is NaN
  };
  Json json = {{"type", type}};
  if (!values.empty() && std::all_of(values.begin(), values.end(), same)) {
    if constexpr (std::is_floating_point_v<T>) {
      json["all"] = std::isnan(values.front()) ? Json() : Json(values.front());
    } else {
      json["all"] = values.front();
    }
    return json;
  }
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  json["base64"] = base64(bytes);
  return json;
}

/// Indices into a list of `count`, as narrow as they can be.
Json index_column(const std::vector<std::uint32_t>& values, std::size_t count) {
  const auto narrow = [&]<class T>(T, const char* type) {
    return column(std::vector<T>(values.begin(), values.end()), type);
  };
  if (count <= 0x100) return narrow(std::uint8_t{}, "u8");
  if (count <= 0x10000) return narrow(std::uint16_t{}, "u16");
  return column(values, "u32");
}

/// The different values of a key and, if all of them are amounts of one unit, their numbers.
struct KeyValues {
  std::vector<std::string> texts;
  std::vector<double> numbers;
};

KeyValues values_of(const std::vector<StoredPoint>& points, std::size_t key) {
  std::map<std::string, std::optional<Amount>> found;
  for (const StoredPoint& p : points) found.try_emplace(p.values[key], std::nullopt);
  bool numeric = true;
  for (auto& [text, amount] : found) {
    amount = parse_amount(text);
    numeric = numeric && amount && amount->unit == found.begin()->second->unit;
  }
  KeyValues all;
  for (const auto& [text, amount] : found) all.texts.push_back(text);
  if (!numeric) return all;
  const auto number = [&](const std::string& text) { return found.at(text)->value; };
  std::stable_sort(all.texts.begin(), all.texts.end(),
                   [&](const auto& a, const auto& b) { return number(a) < number(b); });
  for (const std::string& text : all.texts) all.numbers.push_back(number(text));
  return all;
}

Json axis_json(const std::vector<StoredPoint>& points, std::size_t key) {
  const KeyValues values = values_of(points, key);
  std::map<std::string, std::uint32_t> place;
  for (std::size_t i = 0; i < values.texts.size(); ++i) {
    place[values.texts[i]] = static_cast<std::uint32_t>(i);
  }
  std::vector<std::uint32_t> indices;
  for (const StoredPoint& p : points) indices.push_back(place.at(p.values[key]));
  Json json = {{"values", values.texts}};
  if (!values.numbers.empty()) json["numbers"] = values.numbers;
  json["column"] = index_column(indices, values.texts.size());
  return json;
}

Json axes_json(const std::vector<StoredPoint>& points, const StoreMeta& meta,
               const SweepPlan& plan) {
  const std::vector<std::string> names = short_names(meta.keys);
  std::vector<Json> axis_of;  // by key; derived keys come last and have none
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    axis_of.insert(axis_of.end(), plan.axes[a].columns.size(), a);
  }
  axis_of.resize(meta.keys.size());
  Json all = Json::array();
  for (std::size_t k = 0; k < meta.keys.size(); ++k) {
    Json one = {{"key", meta.keys[k]}, {"name", names[k]}, {"axis", axis_of[k]}};
    one.update(axis_json(points, k));
    all.push_back(std::move(one));
  }
  return all;
}

/// Objectives, then what is of all phases together, then the rest, each in the store's order.
std::vector<std::size_t> metric_order(const StoreMeta& meta, const SweepPlan& plan) {
  const auto rank = [&](std::size_t m) {
    const std::string& name = meta.metrics[m];
    const bool objective = std::any_of(plan.objectives.begin(), plan.objectives.end(),
                                       [&](const Objective& o) { return o.metric == name; });
    if (objective) return 0;
    return name.find('.') == std::string::npos && !name.starts_with("area_mm2_") ? 1 : 2;
  };
  std::vector<std::size_t> order(meta.metrics.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  return order;
}

void add_metrics(Json& page, const std::vector<StoredPoint>& points, const StoreMeta& meta,
                 const SweepPlan& plan, std::size_t room) {
  page["metrics"] = Json::array();
  page["left_out"] = Json::array();
  std::size_t bytes = 0;
  for (const std::size_t m : metric_order(meta, plan)) {
    std::vector<float> values;
    for (const StoredPoint& p : points) {
      values.push_back(p.metrics.empty() ? std::nanf("") : static_cast<float>(p.metrics[m]));
    }
    Json json = column(values, "f32");
    if (json.contains("base64")) {
      bytes += json["base64"].get_ref<const std::string&>().size();
    }
    if (bytes > room) {
      page["left_out"].push_back(meta.metrics[m]);
    } else {
      page["metrics"].push_back({{"name", meta.metrics[m]}, {"column", std::move(json)}});
    }
  }
}

void add_status(Json& page, const std::vector<StoredPoint>& points) {
  page["statuses"] = Json::array();
  for (int s = 0; s <= static_cast<int>(PointStatus::kFailed); ++s) {
    page["statuses"].push_back(status_name(static_cast<PointStatus>(s)));
  }
  std::map<std::string, std::uint32_t> known;
  std::vector<std::uint32_t> status, reason;
  page["reasons"] = Json::array();
  for (const StoredPoint& p : points) {
    status.push_back(static_cast<std::uint32_t>(p.status));
    const auto [found, is_new] =
        known.try_emplace(p.reason, static_cast<std::uint32_t>(known.size()));
    if (is_new) page["reasons"].push_back(p.reason);
    reason.push_back(found->second);
  }
  page["status"] = index_column(status, page["statuses"].size());
  page["reason"] = index_column(reason, known.size());
}

}  // namespace

std::string base64(const std::string& bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t b = 0; b < 3; ++b) {
      group = group << 8 | (b < count ? static_cast<unsigned char>(bytes[i + b]) : 0U);
    }
    for (std::size_t d = 0; d < 4; ++d) {
      text += d <= count ? kDigits[group >> (18 - 6 * d) & 63U] : '=';
    }
  }
  return text;
}

std::string sweep_page_json(const std::vector<StoredPoint>& points, const StoreMeta& meta,
                            const SweepPlan& plan, Json layers) {
  Json page = {{"kind", "sweep"},
               {"title", plan.name},
               {"description", plan.description},
               {"operands", plan.operands()},
               {"revision", meta.revision},
               {"source", meta.source},
               {"count", points.size()},
               {"objectives", Json::array()}};
  for (const Objective& o : plan.objectives) {
    page["objectives"].push_back({{"metric", o.metric}, {"maximize", o.maximize}});
  }
  page["axes"] = axes_json(points, meta, plan);
  add_metrics(page, points, meta, plan, kDataBytes - std::min(kDataBytes, layers.dump().size()));
  page["layers"] = std::move(layers);
  add_status(page, points);
  const std::vector<bool> front = on_front(points, meta, plan);
  page["pareto"] = index_column({front.begin(), front.end()}, 2);
  page["sensitivity"] = Json::array();
  for (const AxisSensitivity& s : sensitivities(points, meta, plan)) {
    Json factors = Json::array(), shares = Json::array();
    for (const Sensitivity& one : s.of_objectives) {
      shares.push_back(one.share);
      factors.push_back(std::isnan(one.factor) ? Json() : Json(one.factor));
    }
    page["sensitivity"].push_back({{"axis", s.axis}, {"share", shares}, {"factor", factors}});
  }
  return page.dump();
}

}  // namespace mixpe
