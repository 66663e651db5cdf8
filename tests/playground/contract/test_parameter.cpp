#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/nearest_name.h"
#include "playground/catalogue/catalogue.h"
#include "playground/contract/parameter.h"
#include "playground/training/rows.h"

using namespace neural_ode;

namespace {

Settings sample() {
  std::vector<Parameter> table;
  table.push_back(choice_row(Group::data, "data", "Data",
                             {{"spirals", "Spirals"}, {"moons", "Moons"}}, "moons", ""));
  table.push_back(real_row(Group::data, "noise", "Noise", 0, 0.5, 0.05, ""));
  table.push_back(integer_row(Group::model, "hidden", "Hidden", 1, 64, 16, ""));
  table.push_back(flag_row(Group::model, "lift", "Lift", false, ""));
  table.push_back(shown_for(flag_row(Group::model, "deep", "Deep", false, ""), "data", {"moons"}));
  Parameter text;
  text.name = "title";
  text.kind = Parameter::Kind::text;
  text.default_text = "none";
  table.push_back(text);
  return Settings(table);
}

}  // namespace

TEST_CASE("settings: begin with the defaults of the table") {
  const Settings settings = sample();
  CHECK(settings.choice("data") == "moons");
  CHECK(settings.number("noise") == 0.05);
  CHECK(settings.integer("hidden") == 16);
  CHECK_FALSE(settings.flag("lift"));
  CHECK(settings.text("title") == "none");
  for (int row = 0; row < 6; ++row) CHECK(settings.is_default(row));
}

TEST_CASE("settings: what is fine is taken without a note") {
  Settings settings = sample();
  CHECK_FALSE(settings.set("noise", " 1e-1 "));
  CHECK(settings.number("noise") == 0.1);
  CHECK_FALSE(settings.set("hidden", "+8"));
  CHECK(settings.integer("hidden") == 8);
  for (const auto yes : {"1", "true", "on", "yes"}) {
    settings.set("lift", "off");
    CHECK_FALSE(settings.set("lift", yes));
    CHECK(settings.flag("lift"));
  }
  CHECK_FALSE(settings.set("title", "a = b"));
  CHECK(settings.text("title") == "a = b");
}

TEST_CASE("settings: a number out of range is clamped and the note says so") {
  Settings settings = sample();
  CHECK(settings.set("noise", "9").value() == "noise: 9 is outside 0 … 0.5, used 0.5");
  CHECK(settings.number("noise") == 0.5);
  CHECK(settings.set("noise", "-1e999").value() == "noise: -1e999 is outside 0 … 0.5, used 0");
  CHECK(settings.set("hidden", "2.6").value() ==
        "hidden: 2.6 is not a whole number (1 … 64), used 3");
  CHECK(settings.integer("hidden") == 3);
}

TEST_CASE("settings: what cannot be read changes nothing and the note says what was expected") {
  Settings settings = sample();
  const Settings before = settings;
  CHECK(settings.set("data", "mooons").value() ==
        "data: unknown choice 'mooons'; there are spirals, moons; kept moons");
  CHECK(settings.set("noise", "a lot").value() ==
        "noise: expected a number, found 'a lot' (0 … 0.5); kept 0.05");
  CHECK(settings.set("noise", "nan").has_value());
  CHECK(settings.set("noise", "").has_value());
  CHECK(settings.set("noise", "0x1p-3").has_value());
  CHECK(settings.set("lift", "maybe").value() ==
        "lift: expected true or false, found 'maybe'; kept false");
  CHECK(settings.set("hiden", "3").value() == "unknown parameter 'hiden'; did you mean 'hidden'?");
  CHECK(settings.set("zzz", "3").value() == "unknown parameter 'zzz'");
  CHECK(settings == before);
}

TEST_CASE("settings: a value that the table cannot have is told without being taken") {
  const Settings settings = sample();
  const auto misfit = [&](const char* name, const char* value) {
    return settings.misfit(name, value).value_or("fits");
  };
  CHECK(misfit("noise", " 0.1 ") == "fits");
  CHECK(misfit("noise", "0.5") == "fits");
  CHECK(misfit("hidden", "6.4e1") == "fits");
  CHECK(misfit("lift", "on") == "fits");
  CHECK(misfit("data", "spirals") == "fits");
  CHECK(misfit("title", "") == "fits");
  CHECK(misfit("noise", "0.50001") == "noise: 0.50001 is outside 0 … 0.5");
  CHECK(misfit("noise", "1e999") == "noise: 1e999 is outside 0 … 0.5");
  CHECK(misfit("hidden", "1e9") == "hidden: 1e9 is outside 1 … 64");
  CHECK(misfit("hidden", "0") == "hidden: 0 is outside 1 … 64");
  CHECK(misfit("hidden", "2.5") == "hidden: 2.5 is not a whole number (1 … 64)");
  for (const char* text : {"", "nan", "inf", "-inf", "0x10", "3 4", "3x", "1_000", "--3", "1e"}) {
    CHECK(misfit("hidden", text) ==
          "hidden: expected a number, found '" + std::string(text) + "' (1 … 64)");
  }
  CHECK(misfit("noise", "0,02") ==
        "noise: expected a number, found '0,02' (0 … 0.5; with a decimal point: 0.02)");
  CHECK(misfit("lift", "2") == "lift: expected true or false, found '2'");
  CHECK(misfit("data", "Moons") == "data: unknown choice 'Moons'; there are spirals, moons");
  CHECK(misfit("hiden", "3") == "unknown parameter 'hiden'; did you mean 'hidden'?");
  CHECK(settings == sample());
}

TEST_CASE("settings: every value is written so that it reads back to the same bits") {
  Settings settings = sample();
  const int row = settings.find("noise");
  for (const double value :
       {0.1, 1.0 / 3, 0.05, 1e-5, 0.30000000000000004, 4.9406564584124654e-324}) {
    settings.set_number(row, value);
    Settings other = sample();
    CHECK_FALSE(other.set("noise", settings.format(row)));
    CHECK(other.number(row) == value);
  }
  settings.set_number(row, 0.1);
  CHECK(settings.format(row) == "0.1");
  settings.set_number(row, 1e-5);
  CHECK(settings.format(row) == "1e-5");
}

TEST_CASE("settings: a row is shown by the choice it depends on") {
  Settings settings = sample();
  CHECK(settings.is_shown(settings.find("deep")));
  settings.set("data", "spirals");
  CHECK_FALSE(settings.is_shown(settings.find("deep")));
}

TEST_CASE("settings: equal when every value is") {
  Settings a = sample(), b = sample();
  CHECK(a == b);
  b.set("hidden", "17");
  CHECK_FALSE(a == b);
  b.reset(b.find("hidden"));
  CHECK(a == b);
}

TEST_CASE("nearest name: the fewest edits, none when nothing is near") {
  const std::vector<std::string_view> names = {"noise", "hidden", "learning_rate"};
  CHECK(nearest_name("learnign_rate", names) == "learning_rate");
  CHECK(nearest_name("nois", names) == "noise");
  CHECK(nearest_name("q", names).empty());
}

TEST_CASE("experiments: the shared names of the contract are in every table") {
  for (const std::string_view name : all_experiments().names()) {
    const auto experiment = all_experiments().make(name);
    const Settings settings(experiment->info().parameters);
    for (const auto row : {"solver", "tolerance", "step_size"}) CHECK(settings.find(row) >= 0);
    for (const auto row :
         {"noise", "hidden", "layers", "activation", "optimizer", "learning_rate", "batch"}) {
      CAPTURE(row);
      if (!experiment->info().trains) continue;
      // The relu of the image networks is part of their norms.
      if (name == "digits" && std::string_view(row) == "activation") continue;
      CHECK(settings.find(row) >= 0);
    }
    for (int row = 0; row < static_cast<int>(settings.table().size()); ++row) {
      const Parameter& parameter = settings.table()[static_cast<std::size_t>(row)];
      CAPTURE(parameter.name);
      CHECK_FALSE(parameter.label.empty());
      CHECK_FALSE(parameter.help.empty());
      CHECK((parameter.shown_when.empty() || settings.find(parameter.shown_when) >= 0));
      Settings copy = settings;
      CHECK_FALSE(copy.set(parameter.name, settings.format(row)));
      CHECK(copy == settings);
    }
  }
}

TEST_CASE("registry: an unknown experiment is named with those there are") {
  CHECK(all_experiments().make("clasify") == nullptr);
  CHECK(all_experiments().unknown("clasify") ==
        "unknown experiment 'clasify'; there are: classify, dynamics, density, latent, "
        "filter, events, physics, digits, solvers, gradients; did you mean "
        "'classify'?");
}
