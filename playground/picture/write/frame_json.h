// Frames and plots as JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "playground/picture/frame.h"

namespace neural_ode {

// With a `blob`, number arrays are appended to it as 32-bit words and the JSON holds [offset,
// count] in words instead (layers' x y z u v times are floats, starts and group unsigned integers):
// cheap to hand between threads.
nlohmann::json frame_to_json(const Frame& frame, std::vector<std::uint32_t>* blob = nullptr);
// The reverse, for both forms; fields that are missing keep their defaults.
Frame frame_from_json(const nlohmann::json& json, std::span<const std::uint32_t> blob = {});

// One plot (a preview), in either form.
nlohmann::json plot_to_json(const Plot& plot, std::vector<std::uint32_t>* blob = nullptr);
Plot plot_from_json(const nlohmann::json& json, std::span<const std::uint32_t> blob = {});

}  // namespace neural_ode
