//! A screen as SVG: one text element per run of equal style, its place and length pinned to the cell
//! grid, so that no font can shift a column.

use std::{collections::BTreeMap, fmt::Write};

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr;

const CELL_WIDTH: usize = 9;
const CELL_HEIGHT: usize = 19;
const BASELINE: usize = 14;

pub(crate) fn svg(buffer: &Buffer, title: &str) -> String {
    let area = buffer.area;
    let (width, height) = (usize::from(area.width) * CELL_WIDTH, usize::from(area.height) * CELL_HEIGHT);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{title}\" font-family=\"ui-monospace,SFMono-Regular,Menlo,\
         Consolas,'DejaVu Sans Mono',monospace\" font-size=\"15\">\n<title>{title}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n<g shape-rendering=\"crispEdges\">\n",
        ground(buffer)
    );
    let ground = ground(buffer);
    let mut texts = String::new();
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let cell = &buffer[(x, y)];
            let start = x;
            let mut run = String::new();
            if let Some(strokes) = strokes(cell.symbol()) {
                lines(&mut texts, cell, (usize::from(start), usize::from(y)), strokes);
                x += 1;
            } else if stands_alone(cell) {
                run.push_str(cell.symbol());
                x += u16::try_from(cell.symbol().width().max(1)).unwrap();
            } else {
                while x < area.width
                    && style(&buffer[(x, y)]) == style(cell)
                    && !stands_alone(&buffer[(x, y)])
                {
                    run.push_str(buffer[(x, y)].symbol());
                    x += 1;
                }
            }
            let place = (usize::from(start), usize::from(y));
            if colours(cell).1 != ground {
                rectangle(&mut out, cell, place, usize::from(x - start));
            }
            text(&mut texts, cell, place, &run);
        }
    }
    out + "</g>\n" + &texts + "</svg>\n"
}

/// What most of the screen stands on: drawn once, or a seam would show between any two cells.
fn ground(buffer: &Buffer) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for cell in &buffer.content {
        *counts.entry(colours(cell).1).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).unwrap().0
}

/// Signs may come from another font, so each is pinned by itself.
fn stands_alone(cell: &Cell) -> bool {
    !cell.symbol().is_ascii()
}

/// Which of the middle's left, right, upper and lower sides a frame's character reaches, and how wide.
fn strokes(symbol: &str) -> Option<([bool; 4], &'static str)> {
    let [l, r, u, d] = [
        [true, false, false, false],
        [false, true, false, false],
        [false, false, true, false],
        [false, false, false, true],
    ];
    let sides = |sides: &[[bool; 4]]| {
        let mut all = [false; 4];
        for side in sides {
            for (one, set) in all.iter_mut().zip(side) {
                *one |= set;
            }
        }
        all
    };
    Some(match symbol {
        "─" => (sides(&[l, r]), "1"),
        "│" => (sides(&[u, d]), "1"),
        "┌" => (sides(&[r, d]), "1"),
        "┐" => (sides(&[l, d]), "1"),
        "└" => (sides(&[r, u]), "1"),
        "┘" => (sides(&[l, u]), "1"),
        "━" | "═" => (sides(&[l, r]), "2.5"),
        "┃" | "║" => (sides(&[u, d]), "2.5"),
        "┏" | "╔" => (sides(&[r, d]), "2.5"),
        "┓" | "╗" => (sides(&[l, d]), "2.5"),
        "┗" | "╚" => (sides(&[r, u]), "2.5"),
        "┛" | "╝" => (sides(&[l, u]), "2.5"),
        _ => return None,
    })
}

/// Frames are drawn, not set: no font's lines reach from cell to cell at every height.
fn lines(out: &mut String, cell: &Cell, (x, y): (usize, usize), (sides, width): ([bool; 4], &str)) {
    let (left, top) = (x * CELL_WIDTH, y * CELL_HEIGHT);
    let (middle, centre) = (left + CELL_WIDTH / 2, top + CELL_HEIGHT / 2);
    let ends = [(left, centre), (left + CELL_WIDTH, centre), (middle, top), (middle, top + CELL_HEIGHT)];
    let mut path = String::new();
    for ((to_x, to_y), _) in ends.into_iter().zip(sides).filter(|(_, reaches)| *reaches) {
        write!(path, "M{middle} {centre}L{to_x} {to_y}").unwrap();
    }
    writeln!(out, "<path d=\"{path}\" stroke=\"{}\" stroke-width=\"{width}\"/>", colours(cell).0).unwrap();
}

fn style(cell: &Cell) -> (Color, Color, Modifier) {
    (cell.fg, cell.bg, cell.modifier)
}

fn colours(cell: &Cell) -> (String, String) {
    let (fg, bg) = (colour(cell.fg, "#c0caf5"), colour(cell.bg, "#16171f"));
    if cell.modifier.contains(Modifier::REVERSED) { (bg, fg) } else { (fg, bg) }
}

fn colour(colour: Color, default: &str) -> String {
    match colour {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Reset => default.to_owned(),
        other => panic!("the themes of the screenshots have no {other:?}"),
    }
}

fn rectangle(out: &mut String, cell: &Cell, (x, y): (usize, usize), cells: usize) {
    writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{CELL_HEIGHT}\" fill=\"{}\"/>",
        x * CELL_WIDTH,
        y * CELL_HEIGHT,
        cells * CELL_WIDTH,
        colours(cell).1
    )
    .unwrap();
}

fn text(out: &mut String, cell: &Cell, (x, y): (usize, usize), run: &str) {
    let shown = run.trim();
    if shown.is_empty() {
        return;
    }
    let lead = run.width() - run.trim_start().width();
    let mut attributes = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
    ] {
        if cell.modifier.contains(modifier) {
            attributes.push_str(attribute);
        }
    }
    let escaped = shown.replace('&', "&amp;").replace('<', "&lt;");
    writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" fill=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\" \
         xml:space=\"preserve\"{attributes}>{escaped}</text>",
        (x + lead) * CELL_WIDTH,
        y * CELL_HEIGHT + BASELINE,
        colours(cell).0,
        shown.width() * CELL_WIDTH
    )
    .unwrap();
}
