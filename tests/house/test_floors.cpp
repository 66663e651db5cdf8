// The house has floors: a file includes its own room or one on a lower floor, and no two rooms
// include each other.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;

// Rooms on the same floor know nothing of each other.
const std::vector<std::vector<std::string>> floors = {
    {"engine/core"},
    {"engine/nn", "engine/ode"},
    {"engine/fields"},
    {"engine/gradient", "engine/data"},
    {"engine/train", "engine/analysis", "engine/data/csv"},
    {"engine/models"},
    {"engine"},  // the header of all of it
    {"playground/picture"},
    {"playground/picture/write"},
    {"playground/contract"},
    {"playground/own_data", "playground/training"},
    {"playground/laboratory"},
    {"playground/experiments/classify", "playground/experiments/density",
     "playground/experiments/digits", "playground/experiments/dynamics",
     "playground/experiments/events", "playground/experiments/filter",
     "playground/experiments/gradients", "playground/experiments/latent",
     "playground/experiments/physics", "playground/experiments/solvers"},
    {"playground/catalogue"},
    {"cli/problem", "cli/study", "cli/bench", "web/protocol"},
    {"cli/commands", "web/trainer"},
    {"cli", "web/host", "web/trainer/worker"},
    {"web/app/link", "web/app/tables"},
    {"web/app/session"},
    {"web/app/api", "web/ui/toolkit"},
    {"web/ui/plot"},
    {"web/ui/panels"},
    {"web/platform"},
};

int floor_of(const std::string& room) {
  for (std::size_t floor = 0; floor < floors.size(); ++floor)
    for (const std::string& each : floors[floor])
      if (each == room) return static_cast<int>(floor);
  return -1;
}

struct Include {
  std::string file, target;
  bool ours;  // "...", not <...>
};

std::string room_of(const std::string& file) {
  const std::string folder = fs::path(file).parent_path().generic_string();
  return folder == "engine/ode/methods" ? "engine/ode" : folder;  // its tables
}

const std::vector<Include>& includes() {
  static const std::vector<Include> all = [] {
    const fs::path root = NEURAL_ODE_SOURCE_DIR;
    const std::regex pattern("^\\s*#include ([\"<])([^\">]+)[\">]");
    std::vector<Include> found;
    for (const std::string top : {"engine", "playground", "cli", "web"})
      for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".h" && extension != ".cpp") continue;
        std::ifstream in(entry.path());
        std::smatch match;
        for (std::string line; std::getline(in, line);)
          if (std::regex_search(line, match, pattern))
            found.push_back({fs::relative(entry.path(), root).generic_string(), match[2].str(),
                             match[1] == "\""});
      }
    return found;
  }();
  return all;
}

// Written by the build: fonts, shaders, the version.
bool is_generated(const std::string& target) {
  return target == "engine/version.h" || target == "web/ui/shaders.h" ||
         target == "web/ui/font_data.h";
}

}  // namespace

TEST_CASE("the house: every file stands in a room, and includes its own or one on a lower floor") {
  CHECK(includes().size() > 500);
  for (const Include& include : includes()) {
    if (!include.ours || is_generated(include.target)) continue;
    CAPTURE(include.file);
    CAPTURE(include.target);
    const std::string from = room_of(include.file), to = room_of(include.target);
    REQUIRE(floor_of(from) >= 0);
    REQUIRE(floor_of(to) >= 0);
    CHECK((from == to || floor_of(to) < floor_of(from)));
  }
}

TEST_CASE("the house: cli and web do not know each other") {
  for (const Include& include : includes()) {
    CAPTURE(include.file);
    CAPTURE(include.target);
    const std::string from = *fs::path(include.file).begin(),
                      to = *fs::path(include.target).begin();
    CHECK_FALSE((from == "cli" && to == "web"));
    CHECK_FALSE((from == "web" && to == "cli"));
  }
}

TEST_CASE("the house: the engine knows neither JSON nor a terminal nor a window") {
  for (const Include& include : includes()) {
    if (include.file.rfind("engine/", 0) != 0) continue;
    CAPTURE(include.file);
    CAPTURE(include.target);
    for (const char* other : {"nlohmann", "CLI/", "imgui", "GLFW", "emscripten"})
      CHECK(include.target.find(other) == std::string::npos);
  }
}
