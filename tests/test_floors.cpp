// The house has floors: a file includes its own floor or a lower one, and nn and ode do not know
// each other.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const std::map<std::string, int> floors = {{"core", 0},     {"nn", 1},     {"ode", 1},
                                           {"gradient", 2}, {"train", 2},  {"data", 2},
                                           {"analysis", 2}, {"models", 3}, {"experiments", 4}};

struct Include {
  std::string file;    // "engine/nn/mlp.cpp"
  std::string folder;  // "nn"; "cli" or "web" outside the engine
  std::string target;  // "engine/core/types.h"
};

std::vector<Include> own_includes(const std::string& top) {
  const fs::path root = NEURAL_ODE_SOURCE_DIR;
  const std::regex pattern("^\\s*#include \"([^\"]+)\"");
  std::vector<Include> found;
  for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h" && extension != ".cpp") continue;
    const fs::path file = fs::relative(entry.path(), root);
    const std::string folder = top == "engine" ? std::next(file.begin())->string() : top;
    std::ifstream in(entry.path());
    std::smatch match;
    for (std::string line; std::getline(in, line);)
      if (std::regex_search(line, match, pattern))
        found.push_back({file.generic_string(), folder, match[1]});
  }
  return found;
}

// "engine/nn/mlp.h" -> "nn"; empty outside the engine.
std::string engine_folder(const std::string& target) {
  const fs::path path = target;
  if (path.begin()->string() != "engine") return {};
  return std::next(path.begin())->string();
}

}  // namespace

TEST_CASE("the house: an engine file includes its own floor or a lower one") {
  const auto includes = own_includes("engine");
  CHECK(includes.size() > 50);
  for (const Include& include : includes) {
    CAPTURE(include.file);
    CAPTURE(include.target);
    const std::string folder = engine_folder(include.target);
    REQUIRE(floors.count(include.folder) == 1);
    REQUIRE(floors.count(folder) == 1);
    CHECK(floors.at(folder) <= floors.at(include.folder));
    CHECK_FALSE((include.folder == "nn" && folder == "ode"));
    CHECK_FALSE((include.folder == "ode" && folder == "nn"));
  }
}

TEST_CASE("the house: cli and web see the engine through experiments/ only") {
  for (const std::string top : {"cli", "web"})
    for (const Include& include : own_includes(top)) {
      CAPTURE(include.file);
      CAPTURE(include.target);
      const std::string folder = engine_folder(include.target);
      CHECK((folder.empty() || folder == "experiments"));
    }
}
