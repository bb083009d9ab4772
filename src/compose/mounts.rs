//! `volumes` and `tmpfs` of a service.

use super::{
    BindSource, Found, Mount, MountSource, Placed, at::At, paths::is_windows, reader::Reader, units,
};

/// The parts of `[SOURCE:]TARGET[:OPTIONS]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MountText<'t> {
    pub(super) source: Option<&'t str>,
    pub(super) target: &'t str,
    pub(super) options: &'t str,
}

/// Takes a short volume apart; a drive's colon separates nothing.
pub(super) fn split_mount(text: &str) -> MountText<'_> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(end) = separator(rest) {
        let (part, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        parts.push(part);
        rest = behind.get(1..).unwrap_or_default();
    }
    parts.push(rest);
    match *parts.as_slice() {
        [target] => MountText { source: None, target, options: "" },
        [source, target] => MountText { source: Some(source), target, options: "" },
        [source, target, options, ..] => MountText { source: Some(source), target, options },
        [] => MountText { source: None, target: text, options: "" },
    }
}

fn separator(text: &str) -> Option<usize> {
    let from = if is_windows(text) && text.get(1..2) == Some(":") { 2 } else { 0 };
    text.get(from..)?.find(':').map(|at| at + from)
}

/// Is a source a path of the host, and no volume's name?
pub(super) fn is_path(source: &str) -> bool {
    source.starts_with(['.', '/', '~']) || is_windows(source)
}

impl Reader<'_> {
    /// `volumes`.
    pub(super) fn volumes(&mut self, at: &At<'_>) -> Vec<Placed<Mount>> {
        let items = at.items(&mut self.notes);
        items
            .iter()
            .filter_map(|item| if item.is_map() { self.long_mount(item) } else { self.short_mount(item) })
            .collect()
    }

    fn short_mount(&mut self, at: &At<'_>) -> Option<Placed<Mount>> {
        let text = at.text(&mut self.notes)?;
        let parts = split_mount(&text);
        let source = match parts.source {
            None => MountSource::Anonymous,
            Some(source) if is_path(source) => MountSource::Bind(self.bind(at, source, true)),
            Some(source) => MountSource::Volume(source.to_owned()),
        };
        let is_read_only = parts.options.split(',').any(|option| option == "ro");
        self.mount(at, parts.target, source, is_read_only, None)
    }

    fn long_mount(&mut self, at: &At<'_>) -> Option<Placed<Mount>> {
        let source = at.get("source").and_then(|value| value.text(&mut self.notes));
        let Some(sort) = at.get("type").and_then(|value| value.text(&mut self.notes)) else {
            at.error("this volume has no `type`", "write `type: volume`, `bind` or `tmpfs`", &mut self.notes);
            return None;
        };
        let found = match (sort.as_str(), source) {
            ("volume", None) => MountSource::Anonymous,
            ("volume", Some(source)) => MountSource::Volume(source),
            ("bind", Some(source)) => MountSource::Bind(self.bind(at, &source, true)),
            ("bind", None) => {
                at.error("this bind mount has no `source`", "name the path of the host", &mut self.notes);
                return None;
            }
            ("tmpfs", _) => {
                let options = at.get("tmpfs");
                let option = |key: &str| options.as_ref().and_then(|options| options.get(key));
                MountSource::Tmpfs {
                    size: option("size").and_then(|size| size.bytes(&mut self.notes)),
                    mode: option("mode").and_then(|mode| mode.mode(&mut self.notes)),
                }
            }
            ("npipe" | "cluster" | "image", source) => MountSource::Other(sort, source),
            _ => {
                let hint = "known here: volume, bind, tmpfs, npipe, cluster, image";
                at.error(format!("`{sort}` is no type of a volume"), hint, &mut self.notes);
                return None;
            }
        };
        let target = at.get("target").and_then(|value| value.text(&mut self.notes)).unwrap_or_default();
        let is_read_only =
            at.get("read_only").and_then(|value| value.boolean(&mut self.notes)).unwrap_or_default();
        let subpath = ["volume", "image"]
            .iter()
            .find_map(|key| at.get(key)?.get("subpath"))
            .and_then(|value| value.text(&mut self.notes));
        self.mount(at, &target, found, is_read_only, subpath)
    }

    fn mount(
        &mut self,
        at: &At<'_>,
        target: &str,
        source: MountSource,
        is_read_only: bool,
        subpath: Option<String>,
    ) -> Option<Placed<Mount>> {
        if target.is_empty() {
            at.error(
                "this volume has no path in the container",
                "write it as in `data:/var/lib/data`",
                &mut self.notes,
            );
            return None;
        }
        if !target.starts_with('/') && !is_windows(target) {
            let message = format!("`{target}` is no path in a container: it is not absolute");
            at.error(message, "begin it with `/`", &mut self.notes);
            return None;
        }
        Some(at.placed(Mount { target: target.to_owned(), source, is_read_only, subpath }))
    }

    /// `tmpfs`: a path, and behind a colon its options.
    pub(super) fn tmpfs(&mut self, at: &At<'_>) -> Vec<Placed<Mount>> {
        let mut mounts = Vec::new();
        for item in at.items(&mut self.notes) {
            let Some(text) = item.text(&mut self.notes) else { continue };
            let (target, options) = text.split_once(':').unwrap_or((&text, ""));
            let option = |name: &str| {
                options.split(',').find_map(|option| option.split_once('=').filter(|(key, _)| *key == name))
            };
            let source = MountSource::Tmpfs {
                size: option("size").and_then(|(_, size)| units::bytes(size)),
                mode: option("mode").and_then(|(_, mode)| units::mode(mode)),
            };
            let is_read_only = options.split(',').any(|option| option == "ro");
            mounts.extend(self.mount(&item, target, source, is_read_only, None));
        }
        mounts
    }

    /// A path of the host, and what is there when it is inside of the project.
    pub(super) fn bind(&mut self, at: &At<'_>, written: &str, with_content: bool) -> BindSource {
        let location = super::paths::locate(&at.value.place.file.base, written);
        let inside = location.inside().map(std::path::Path::to_path_buf);
        let found = self.found(inside.as_deref(), with_content);
        if found == Found::Outside {
            let message = format!("`{written}` is outside of the project, and is not looked at");
            self.notes.warn(
                &at.value.place,
                &at.path,
                message,
                "what is there has to come to the cluster by hand",
            );
        }
        BindSource { written: written.to_owned(), inside, found }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_forms_come_apart() {
        let parts = |text| {
            let MountText { source, target, options } = split_mount(text);
            (source.unwrap_or("-"), target, options)
        };
        assert_eq!(parts("/data"), ("-", "/data", ""));
        assert_eq!(parts("data:/data"), ("data", "/data", ""));
        assert_eq!(parts("./a:/b:ro,Z"), ("./a", "/b", "ro,Z"));
        assert_eq!(parts(r"C:\a b:/b:ro"), (r"C:\a b", "/b", "ro"));
        assert_eq!(parts(r"C:\a:D:\b"), (r"C:\a", r"D:\b", ""));
        assert_eq!(parts("~/a:/b"), ("~/a", "/b", ""));
        assert!(is_path("./a") && is_path("~") && is_path("/a") && is_path("c:/a") && !is_path("data"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-zé:/\\\\.~]{0,16}") {
            let _ = split_mount(&text);
        }
    }
}
