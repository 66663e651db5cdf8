#include "web/app/session/pinned_runs.h"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/direct_host.h"

using namespace neural_ode;
using namespace neural_ode::web;

namespace {

struct Page {
  Session session{std::make_unique<DirectHost>()};

  Page() {
    session.open_link(read_link("#experiment=classify&hidden=4&points=40&batch=16&seed=7"));
    poll();
  }
  void poll() {
    for (int i = 0; i < 4; ++i) (void)session.poll();
  }
  void set(std::string_view name, std::string_view value) {
    session.set(name, value);
    poll();
  }
};

std::string text_of(const std::vector<Difference>& found) {
  std::string text;
  for (const Difference& each : found)
    text += each.label + ": " + each.value + "|" + each.other + "; ";
  return text;
}

}  // namespace

TEST_CASE("pinned runs: what is set otherwise now, in the words of the table") {
  Page page;
  PinnedRuns pinned;
  pinned.pin(page.session);
  REQUIRE(pinned.all().size() == 1);
  const PinnedRun& run = pinned.all()[0];
  CHECK(differences(run.settings, page.session.settings()).empty());
  page.set("hidden", "16");
  page.set("data", "moons");
  page.set("time_input", "1");
  CHECK(text_of(differences(run.settings, page.session.settings())) ==
        "Data: Two spirals|Two moons; Hidden width: 4|16; Time as input: off|on; ");

  SUBCASE("a row that neither shows is no difference") {
    page.set("solver", "rk4");
    Settings other = page.session.settings();
    const std::string before = text_of(differences(page.session.settings(), other));
    CHECK(before.empty());
    (void)other.set("tolerance", "0.5");  // shown for adaptive methods alone
    REQUIRE_FALSE(other.is_shown(other.find("tolerance")));
    CHECK(differences(page.session.settings(), other).empty());
    (void)other.set("solver", "dopri5");
    CHECK(text_of(differences(page.session.settings(), other)).find("Tolerance") !=
          std::string::npos);
  }
}

TEST_CASE("pinned runs: taken again, settings and seed are as they were") {
  Page page;
  PinnedRuns pinned;
  pinned.pin(page.session);
  const Settings before = page.session.settings();
  page.set("hidden", "16");
  page.set("activation", "elu");
  page.set("seed", "8");
  page.session.apply(values_of(pinned.all()[0]));
  CHECK(page.session.settings() == before);
  CHECK(page.session.seed() == 7);
  CHECK(page.session.notes().empty());
}

TEST_CASE("pinned runs: four at most, each of its own colour, and the oldest goes first") {
  Page page;
  PinnedRuns pinned;
  const auto colours = [&] {
    std::set<int> found;
    for (const PinnedRun& run : pinned.all()) found.insert(run.colour);
    return found;
  };
  for (int i = 0; i < 4; ++i) pinned.pin(page.session);
  CHECK(colours() == std::set<int>{0, 1, 2, 3});
  const int freed = pinned.all()[1].colour;
  pinned.drop(pinned.all()[1].number);
  CHECK(pinned.all().size() == 3);
  pinned.pin(page.session);
  CHECK(pinned.all().back().colour == freed);
  CHECK(pinned.all().back().number == 5);
  pinned.pin(page.session);
  CHECK(pinned.all().size() == most_pinned_runs);
  CHECK(pinned.all().front().number == 3);
  CHECK(colours() == std::set<int>{0, 1, 2, 3});
}

TEST_CASE("pinned runs: an experiment sees its own") {
  Page page;
  PinnedRuns pinned;
  pinned.pin(page.session);
  page.session.open("dynamics");
  page.poll();
  pinned.pin(page.session);
  REQUIRE(pinned.of("dynamics").size() == 1);
  CHECK(pinned.of("dynamics")[0]->number == 2);
  CHECK(pinned.of("latent").empty());
}

TEST_CASE("pinned runs: the main metric is the first headline that is not the loss") {
  Frame frame;
  CHECK(main_metric(frame) == nullptr);
  frame.metrics = {{"loss", "loss", 1, Metric::Format::number, true},
                   {"bytes", "held", 2, Metric::Format::bytes, false},
                   {"rmse", "error", 3, Metric::Format::number, true}};
  REQUIRE(main_metric(frame) != nullptr);
  CHECK(main_metric(frame)->name == "rmse");
}
