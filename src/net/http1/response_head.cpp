#include "net/http1/response_head.h"

#include "base/append.h"
#include "base/name_set.h"

namespace weir::net::http1 {
namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";  // RFC 9112 §4: the phrase may be empty
  }
}

constexpr NameSet kServersOwn("content-length", "connection", "date", "keep-alive", "transfer-encoding",
                              "upgrade");

}  // namespace

bool status_has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

bool append_response_head(std::string& out, int status, const Headers& headers,
                          const ResponseFraming& framing, std::string_view date) {
  if (headers.first_invalid()) return false;
  out += "HTTP/1.1 ";
  append_integer(out, status);
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
  for (const Field field : headers) {
    if (kServersOwn.contains(field.name)) continue;
    append_field_line(out, field);
  }
  out += "date: ";
  out += date;
  out += "\r\n";
  if (framing.body == BodyFraming::length) {
    out += "content-length: ";
    append_integer(out, framing.length);
    out += "\r\n";
  } else if (framing.body == BodyFraming::chunked) {
    out += "transfer-encoding: chunked\r\n";
  }
  if (!framing.keep_alive) {
    out += "connection: close\r\n";
  } else if (framing.version == HttpVersion::http10) {
    out += "connection: keep-alive\r\n";
  }
  out += "\r\n";
  return true;
}

}  // namespace weir::net::http1
