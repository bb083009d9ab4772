//! A file that would change: what its images come to, and the lines of it that differ.

use super::document::Document;
use crate::{diff::FileView, ui::glyph};

pub(super) fn write(document: &mut Document<'_>, file: &FileView) {
    document.blank();
    for image in &file.images {
        document.paragraph("  ", &image.to_string(), document.theme.text);
    }
    document.blank();
    // The file's name is on its row; a line that is broken stays behind its own beginning.
    for line in file.difference.lines().skip(2) {
        let style = glyph::difference(line, document.theme);
        let sign = line.chars().next().map_or(0, char::len_utf8);
        let content = line.get(sign..).unwrap_or_default().trim_start();
        let lead = line.strip_suffix(content).unwrap_or_default();
        document.paragraph(lead, content, style);
    }
}
