// What a line or dot covers of a pixel: its edge is a pixel wide, and a line thinner than a pixel is fainter.
in vec4 ink;
in vec2 offset;
in float half_width;
out vec4 colour;

void main() {
  float covered = min(half_width + 0.5 - length(offset), 2.0 * half_width);
  colour = vec4(ink.rgb, ink.a * clamp(covered, 0.0, 1.0));
}
