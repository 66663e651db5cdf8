// Learning rates over time.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace neural_ode {

std::span<const std::string_view> schedule_names();  // constant, cosine
// Factor on the learning rate at `step` of `total`: cosine falls from 1 to 0 [loshchilov2017] and
// stays there.
double schedule_factor(std::string_view name, std::int64_t step, std::int64_t total);

}  // namespace neural_ode
