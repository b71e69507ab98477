#include "app/documents/chunker.h"

#include "app/documents/sentences.h"
#include "base/text.h"

namespace weir::app {
namespace {

struct Piece {
  std::size_t begin, end;
  bool is_heading;
  std::uint32_t heading;
  std::uint32_t page = 0;
  std::string_view table_header = {};  // of a piece from within a table, which stands above it
};

// What stands above a passage: its headings, its table's header row, its page.
struct Place {
  std::uint32_t heading = 0;
  std::uint32_t first_page = 0, last_page = 0;
  std::string_view table_header;
};

std::size_t chars(std::string_view text, std::size_t begin, std::size_t end) {
  return count_code_points(text.substr(begin, end - begin));
}

// A block that is too long becomes pieces: sentences, and of a sentence that is too long, stretches.
void split_block(std::string_view text, const Block& block, std::size_t chars_max,
                 std::vector<Piece>& pieces) {
  const std::string_view inside = text.substr(block.begin, block.end - block.begin);
  if (count_code_points(inside) <= chars_max) {
    pieces.push_back({block.begin, block.end, block.kind == BlockKind::heading, block.heading, block.page});
    return;
  }
  const bool has_header = block.kind == BlockKind::table && block.header_end > block.begin;
  const auto header =
      has_header ? text.substr(block.begin, block.header_end - block.begin) : std::string_view();
  for (const Span& sentence : split_sentences(inside)) {
    std::size_t at = block.begin + sentence.begin;
    const std::size_t end = block.begin + sentence.end;
    while (at < end) {
      std::size_t next = at + first_code_points(text.substr(at, end - at), chars_max).size();
      if (next < end) {
        const auto space = text.substr(at, next - at).find_last_of(" \n\t");
        if (space != std::string_view::npos && space > 0) next = at + space;
      }
      const bool below_header = has_header && at >= block.header_end;
      pieces.push_back(
          {at, next, false, block.heading, block.page, below_header ? header : std::string_view()});
      at = text.find_first_not_of(" \n\t\r", next);
      if (at == std::string_view::npos) break;
    }
  }
}

std::string described(const ParsedDocument& document, const Place& place) {
  std::string path = heading_path(document, place.heading);
  const auto add = [&](std::string_view step) {
    if (!path.empty()) path += " > ";
    path += step;
  };
  // A header of several lines is Markdown's, whose second one divides it from the rows.
  const std::string_view header = place.table_header.substr(0, place.table_header.find('\n'));
  if (!header.empty()) add(first_code_points(trim(header), kHeadingPathChars));
  if (place.first_page == 0) return path;
  const bool several = place.last_page > place.first_page;
  add("p. " + std::to_string(place.first_page) + (several ? "–" + std::to_string(place.last_page) : ""));
  return path;
}

}  // namespace

Result<std::vector<data::Chunk>> cut_into_chunks(const ParsedDocument& document, ChunkerConfig config) {
  const std::string_view text = document.text;
  const std::size_t chars_max = config.target_chars * 3 / 2;
  std::vector<Piece> pieces;
  for (const Block& block : document.blocks) split_block(text, block, chars_max, pieces);

  std::vector<data::Chunk> chunks;
  std::vector<Place> places;  // of each chunk
  std::size_t used = 0;       // code points in the open chunk
  bool only_headings = true;  // the open chunk has no body yet
  const auto open = [&](const Piece& piece) {
    data::Chunk chunk;
    chunk.ordinal = static_cast<std::uint32_t>(chunks.size());
    chunk.begin = piece.begin;
    chunks.push_back(std::move(chunk));
    places.push_back({.first_page = piece.page, .table_header = piece.table_header});
    used = 0;
    only_headings = true;
  };
  for (const Piece& piece : pieces) {
    const std::size_t size = chars(text, piece.begin, piece.end);
    const bool new_section = piece.is_heading && !only_headings;
    const bool full = used + size > config.target_chars && !only_headings;
    if (chunks.empty() || new_section || full) {
      open(piece);
    } else if (chars(text, chunks.back().begin, piece.end) > chars_max) {
      open(piece);  // headings without end, or much that is no block's between two blocks
    }
    if (chunks.size() > config.chunks_max) {
      return fail(Code::too_large,
                  "the document makes more than " + std::to_string(config.chunks_max) + " passages",
                  "split it");
    }
    chunks.back().end = piece.end;
    places.back().heading = piece.heading;
    places.back().last_page = piece.page;
    used += size;
    only_headings = only_headings && piece.is_heading;
  }
  for (data::Chunk& chunk : chunks) {
    chunk.text = text.substr(chunk.begin, chunk.end - chunk.begin);
    chunk.heading = described(document, places[chunk.ordinal]);
  }
  return chunks;
}

}  // namespace weir::app
