// The trainer as a WebAssembly module for a Web Worker or Node: bytes of JSON in, bytes of JSON and
// a blob out.
#include <emscripten.h>

#include <cstdint>
#include <string>
#include <utility>

#include "engine/experiments/digit_images.h"
#include "engine/experiments/registry.h"
#include "web/trainer/trainer.h"

// clang-format off
EM_JS(void, emit_event, (const char* json, int json_size, const std::uint32_t* blob, int blob_words), {
  Module["emit"](HEAPU8.slice(json, json + json_size),
                 blob_words ? HEAPU8.slice(blob, blob + 4 * blob_words).buffer : null);
});
// clang-format on

namespace {

using neural_ode::web::Message;
using neural_ode::web::Trainer;

Trainer& trainer() {
  static Trainer instance([](const Message& message) {
    emit_event(message.json.data(), static_cast<int>(message.json.size()), message.blob.data(),
               static_cast<int>(message.blob.size()));
  });
  return instance;
}

std::string command;

}  // namespace

extern "C" {

// Room for a command of `size` bytes; written by JavaScript, then taken in by trainer_handle.
EMSCRIPTEN_KEEPALIVE char* trainer_command(int size) {
  command.resize(static_cast<std::size_t>(size < 0 ? 0 : size));
  return command.data();
}

EMSCRIPTEN_KEEPALIVE void trainer_handle() {
  trainer().handle(command);
}

// Whether this module can make the experiment whose name is in the room; gives it back.
EMSCRIPTEN_KEEPALIVE bool trainer_makes() {
  return neural_ode::makes_experiment(std::exchange(command, {}));
}

// The images of the experiment `digits` instead of a command, in the same room; gives it back.
// False: these are no images.
EMSCRIPTEN_KEEPALIVE bool trainer_provide_digits() {
  return static_cast<bool>(neural_ode::provide_digit_images(std::exchange(command, {})));
}

EMSCRIPTEN_KEEPALIVE double trainer_run(double milliseconds) {
  return trainer().run(emscripten_get_now() + milliseconds, emscripten_get_now);
}
}
