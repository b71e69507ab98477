#include "model/providers/google/vertex.h"

#include <algorithm>

#include "base/json_edit.h"
#include "base/text.h"
#include "model/providers/beta_flags.h"

namespace weir::model {
namespace {

std::string models_path(const VertexPlace& place) {
  return "/projects/" + percent_encode(place.project, ":") + "/locations/" + percent_encode(place.region) +
         "/publishers/anthropic/models/";
}

void add_version(JsonEdit& edit) {
  if (edit.find("anthropic_version") == nullptr) edit.set("anthropic_version", json_text(kVertexVersion));
}

}  // namespace

Result<VertexPlace> vertex_place(const Environment& environment, std::string_view project) {
  VertexPlace place;
  place.project = environment.variable_or("ANTHROPIC_VERTEX_PROJECT_ID",
                                          environment.variable_or("GOOGLE_CLOUD_PROJECT", project));
  place.region = environment.variable_or("CLOUD_ML_REGION", "");
  if (place.project.empty()) {
    return fail(Code::unavailable, "no Google Cloud project is set", "set ANTHROPIC_VERTEX_PROJECT_ID");
  }
  if (place.region.empty()) {
    return fail(Code::unavailable, "no region of Vertex AI is set",
                "set CLOUD_ML_REGION, for example to global or us-east5");
  }
  return place;
}

Result<net::Origin> vertex_origin(std::string_view region) {
  const bool is_region = !region.empty() && region.size() <= 32 && std::ranges::all_of(region, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!is_region) {
    return fail(Code::invalid_request, "\"" + std::string(region) + "\" is no region of Vertex AI",
                "set CLOUD_ML_REGION, for example to global or us-east5");
  }
  net::Origin origin;
  origin.base_path = "/v1";
  if (region == "global") {
    origin.host = "aiplatform.googleapis.com";
  } else if (region == "us" || region == "eu") {
    origin.host = "aiplatform." + std::string(region) + ".rep.googleapis.com";
  } else {
    origin.host = std::string(region) + "-aiplatform.googleapis.com";
  }
  return origin;
}

Result<CloudRequest> to_vertex(const MessagesInput& input, const VertexPlace& place) {
  auto model = model_segment(input.model, "@");
  if (!model) return fail(model);
  auto edit = JsonEdit::read(input.body);
  if (!edit) return fail(edit);
  edit->remove("model");
  add_version(*edit);
  return CloudRequest{
      .target = models_path(place) + *model + (input.stream ? ":streamRawPredict" : ":rawPredict"),
      .body = edit->text(),
      .betas = accepted_beta_list(Cloud::vertex, input.betas)};
}

Result<CloudRequest> to_vertex_count_tokens(const MessagesInput& input, const VertexPlace& place) {
  auto edit = JsonEdit::read(input.body);
  if (!edit) return fail(edit);
  const JsonMember* model = edit->find("model");
  if (model == nullptr || json_string(model->value) != input.model)
    edit->set("model", json_text(input.model));
  add_version(*edit);
  return CloudRequest{.target = models_path(place) + "count-tokens:rawPredict",
                      .body = edit->text(),
                      .betas = accepted_beta_list(Cloud::vertex, input.betas)};
}

}  // namespace weir::model
