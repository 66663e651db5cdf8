#include "web/ui/toolkit/marks.h"

#include <algorithm>

#include "web/ui/shaders.h"  // made by cmake/embed-shaders.cmake from shaders/
#include "web/ui/toolkit/gl.h"

namespace neural_ode::web {

namespace {

constexpr std::size_t columns = 2048;  // of the texture; every context has as many

}  // namespace

Marks::Marks() : shader_("marks", shaders::marks_vert, shaders::marks_frag) {
  begin();
}

void Marks::begin() {
  list_.clear();
  batches_.clear();
  end_line();  // the first line looks at what is before it
  queued_ = list_.size();
  uploaded_ = false;
}

void Marks::dot(ImVec2 at, float radius, ImU32 colour) {
  list_.push_back({at.x, at.y, colour, -radius});
}

void Marks::vertex(ImVec2 at, ImU32 colour, float width) {
  // A line's direction is that from vertex to vertex.
  const Mark& last = list_.back();
  if (last.width > 0 && last.x == at.x && last.y == at.y) return;
  list_.push_back({at.x, at.y, colour, width});
}

void Marks::end_line() {
  list_.push_back({});
}

void Marks::line(const std::vector<ImVec2>& vertices, ImU32 colour, float width) {
  for (const ImVec2& each : vertices) vertex(each, colour, width);
  end_line();
}

void Marks::segment(ImVec2 from, ImVec2 to, ImU32 colour, float width) {
  vertex(from, colour, width);
  vertex(to, colour, width);
  end_line();
}

void Marks::draw(ImDrawList* list) {
  if (queued_ == list_.size()) return;
  batches_.push_back({this, queued_, list_.size() - queued_});
  queued_ = list_.size();
  const auto render = [](const ImDrawList*, const ImDrawCmd* command) {
    const auto& batch = *static_cast<const Batch*>(command->UserCallbackData);
    batch.marks->render(batch, *command);
  };
  list->AddCallback(render, &batches_.back());
  list->AddCallback(ImDrawCallback_ResetRenderState, nullptr);
}

void Marks::forget() {
  shader_.forget();
  texture_ = corners_ = 0;
  indexed_ = 0;
}

// The whole list at once, before the first batch of a picture.
void Marks::upload() {
  uploaded_ = true;
  if (!texture_) glGenTextures(1, &texture_);
  glBindTexture(GL_TEXTURE_2D, texture_);
  const std::size_t rows = (list_.size() + columns - 1) / columns;
  list_.resize(rows * columns);
  glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
  glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA32UI, columns, static_cast<GLsizei>(rows), 0,
               GL_RGBA_INTEGER, GL_UNSIGNED_INT, list_.data());
  for (const GLenum side : {GLenum{GL_TEXTURE_MIN_FILTER}, GLenum{GL_TEXTURE_MAG_FILTER}})
    glTexParameteri(GL_TEXTURE_2D, side, GL_NEAREST);
}

void Marks::render(const Batch& batch, const ImDrawCmd& command) {
  if (!shader_.use()) return;
  glActiveTexture(GL_TEXTURE0);
  if (uploaded_)
    glBindTexture(GL_TEXTURE_2D, texture_);
  else
    upload();
  if (!corners_) glGenBuffers(1, &corners_);
  glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, corners_);
  if (indexed_ < batch.count) {
    indexed_ = std::max(2 * indexed_, batch.count);
    std::vector<std::uint32_t> indices;
    indices.reserve(6 * indexed_);
    for (std::uint32_t i = 0; i < indexed_; ++i)
      for (const std::uint32_t corner : {0u, 1u, 2u, 2u, 1u, 3u}) indices.push_back(4 * i + corner);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER,
                 static_cast<GLsizeiptr>(indices.size() * sizeof(std::uint32_t)), indices.data(),
                 GL_STATIC_DRAW);
  }
  scissor_to(command);
  const ImGuiIO& io = ImGui::GetIO();
  glUniform1i(shader_.at("marks"), 0);
  glUniform1i(shader_.at("first"), static_cast<GLint>(batch.first));
  glUniform2f(shader_.at("screen"), io.DisplaySize.x, io.DisplaySize.y);
  glUniform1f(shader_.at("density"), io.DisplayFramebufferScale.x);
  glDrawElements(GL_TRIANGLES, static_cast<GLsizei>(6 * batch.count), GL_UNSIGNED_INT, nullptr);
  glBindVertexArray(0);
}

}  // namespace neural_ode::web
