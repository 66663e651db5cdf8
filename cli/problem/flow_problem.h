// The part of PROBLEM.json that makes a problem a continuous normalising flow: "x" and "flow" in
// place of "y0" and "times", and the loss "nll".
#pragma once

#include "cli/problem/json_reader.h"
#include "cli/problem/problem_reader.h"
#include "engine/core/result.h"

namespace neural_ode {

bool is_flow(const JsonPlace& root);

// Whether the keys of the problem are those of a flow.
bool check_flow_keys(JsonReader& reader, const JsonPlace& root);

// With the network of the problem read: puts the flow in the place of its field, from [x; 0] at t1
// to t0.
void read_flow(JsonReader& reader, const JsonPlace& root, Problem& problem);

// Whether the gradient of the flow's loss is defined.
Status check_flow_gradient(const Problem& problem);

}  // namespace neural_ode
