//! From a plan's files to objects: reads the plan's folder, and runs kustomize as the program it is.
//!
//! Owns every look at the disk that a plan needs, and the walk through its kustomizations that happens
//! before any program runs: nothing outside the plan's folder is read, nothing remote is fetched, unless
//! the plan allows it by name. Programs get an argument list, never a shell, and a time limit. Never shows a
//! Secret's value, not even where a program's own words quote it.

mod check;
mod content;
mod detect;
mod folder;
mod graph;
mod kustomization;
mod lint;
mod load;
mod manifests;
mod objects;
mod renderer;
mod secrets;
mod tree;
mod values;
mod version;

pub use check::{ChartRendering, Check, Rendering, StepRendering, check};
pub use detect::Search;
pub use kustomization::FILE_NAMES;
pub use lint::{StepKeys, overlaps};
pub use load::{file_text, load};
pub(crate) use objects::{parse, yaml_value};
pub use renderer::{Renderer, RendererSort, render, render_path};
pub use values::{chart_folder, values};
