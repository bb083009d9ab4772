//! Files in a pod: compose's configs and secrets, and single files of the host.

use super::{
    bind::MOST,
    desk::{ByHand, Desk},
    names, secrecy,
    volumes::Volumes,
    yaml::{Map, Yaml, text},
};
use crate::compose::{BindSource, FileContent, FileMount, FileObject, Found, Mount, Placed, Service, below};

/// The mode of a file that is a script.
pub(super) const EXECUTABLE: u16 = 0o555;

/// A text of the project's folder, mounted from a ConfigMap.
pub(super) fn bound_text(
    desk: &mut Desk<'_>,
    service: &Service,
    placed: &Placed<Mount>,
    source: &BindSource,
    content: String,
    volumes: &mut Volumes,
) {
    if desk.holds_secret(&content) {
        return bound_by_hand(desk, service, placed, source, true, volumes);
    }
    let name = desk.names.of(&service.name).to_owned();
    let map = format!("{name}-files");
    let is_script = content.starts_with("#!");
    let Some(key) = keep(desk, &map, &source.written, content) else {
        desk.ledger.not_mapped(
            &placed.path,
            "the files of this service are more than a ConfigMap holds (1 MiB): take them into the image",
        );
        return;
    };
    let target = &placed.value.target;
    if placed.value.is_read_only {
        desk.ledger.mapped(&placed.path, format!("the ConfigMap {map}, made of base/files/{map}/{key}"));
    } else {
        desk.ledger.approximated(&placed.path, format!("the ConfigMap {map}, made of base/files/{map}/{key}: the container can read it and not write it"));
    }
    mount_map(volumes, &map, target, &key, is_script);
}

fn mount_map(volumes: &mut Volumes, map: &str, target: &str, key: &str, is_script: bool) {
    let reference = Map::new().with("name", map);
    // One volume for all of its files; a script among them makes all of them executable.
    if is_script {
        volumes.pod.retain(|(name, _)| name != map);
    }
    let reference = if is_script { reference.with("defaultMode", Yaml::from(EXECUTABLE)) } else { reference };
    volumes.add(map, Map::new().with("name", map).with("configMap", reference));
    volumes.mount(map, target, Some(key), true);
}

/// Keeps the text in the tree; its key, or nothing where the ConfigMap is full.
pub(super) fn keep(desk: &mut Desk<'_>, map: &str, written: &str, content: String) -> Option<String> {
    let last = names::fit_key(written.trim_end_matches('/').rsplit('/').next().unwrap_or("file"));
    let generated = desk.generated.entry(map.to_owned()).or_default();
    let path_of = |key: &str| format!("files/{map}/{key}");
    let mut key = last.clone();
    let mut number = 2;
    while generated.files.contains_key(&key) && desk.copies.get(&path_of(&key)) != Some(&content) {
        key = format!("{number}-{last}");
        number += 1;
    }
    if generated.files.contains_key(&key) {
        return Some(key);
    }
    if generated.size + content.len() > MOST {
        return None;
    }
    generated.size += content.len();
    generated.files.insert(key.clone(), path_of(&key));
    desk.copies.insert(path_of(&key), content);
    Some(key)
}

/// A file that is not written into the tree: a Secret, made by hand of the file itself.
pub(super) fn bound_by_hand(
    desk: &mut Desk<'_>,
    service: &Service,
    placed: &Placed<Mount>,
    source: &BindSource,
    is_secret: bool,
    volumes: &mut Volumes,
) {
    let name = format!("{}-files-secret", desk.names.of(&service.name));
    let last = source.written.trim_end_matches('/').rsplit('/').next().unwrap_or("file");
    let key = names::fit_key(last);
    desk.needs_secret(&name, &key, format!("the file {}", source.written), true);
    desk.ledger.mapped(
        &placed.path,
        format!(
            "the key {key} of the Secret {name}, made by hand{}",
            if is_secret { "; its content is not written anywhere" } else { "" }
        ),
    );
    volumes.add(&name, Map::new().with("name", &name).with("secret", Map::new().with("secretName", &name)));
    volumes.mount(&name, &placed.value.target, Some(&key), true);
}

/// The configs and secrets that a service mounts.
pub(super) fn mounted(desk: &mut Desk<'_>, service: &Service, volumes: &mut Volumes) {
    for placed in &service.configs {
        let Some(object) = desk.project.configs.get(&placed.value.source) else { continue };
        config(desk, placed, object, volumes);
    }
    let mut sources: Vec<Map> = Vec::new();
    for placed in &service.secrets {
        let Some(object) = desk.project.secrets.get(&placed.value.source) else { continue };
        secret(desk, placed, object, volumes, &mut sources);
    }
    if !sources.is_empty() {
        let name = format!("{}-run-secrets", desk.names.of(&service.name));
        let projected = Map::new().with("sources", sources);
        volumes.add(
            &name,
            Map::new()
                .note("Made by hand in week 1 and never kept in this repository.")
                .with("name", &name)
                .with("projected", projected),
        );
        volumes.mount(&name, "/run/secrets", None, true);
    }
}

fn config(desk: &mut Desk<'_>, placed: &Placed<FileMount>, object: &FileObject, volumes: &mut Volumes) {
    let mount = &placed.value;
    let target = mount.target.clone().unwrap_or_else(|| format!("/{}", mount.source));
    let target = if target.starts_with('/') { target } else { format!("/{target}") };
    let name = names::fit(&mount.source);
    let key = names::fit_key(&mount.source);
    let text = match &object.content {
        FileContent::File(source) => match &source.found {
            Found::Text(text) => Some((source.written.clone(), text.to_string())),
            _ => None,
        },
        FileContent::Inline(Some(text)) => Some((mount.source.clone(), text.clone())),
        FileContent::Inline(None) | FileContent::Environment(_) | FileContent::External => None,
    };
    let map = format!("{name}-file");
    let names_secret = !desk.secrets_named_at(&below("configs", &mount.source)).is_empty();
    let is_open = |(written, text): &(String, String)| {
        !names_secret && !desk.holds_secret(text) && !secrecy::is_secret_file(written, text)
    };
    if let Some((written, content)) = text.filter(is_open) {
        let is_script = content.starts_with("#!");
        let path = below("configs", &mount.source);
        if let Some(key) = keep(desk, &map, &written, content) {
            let told = format!("the ConfigMap {map}, made of base/files/{map}/{key}");
            desk.ledger.mapped(&path, told.clone());
            tell_owner(desk, placed, told);
            mount_map(
                volumes,
                &map,
                &target,
                &key,
                is_script || mount.mode.is_some_and(|mode| mode & 0o111 != 0),
            );
            return;
        }
    }
    let from = content_of(&object.content);
    let is_secret = !matches!(object.content, FileContent::Environment(_) | FileContent::External);
    let name = if is_secret { format!("{name}-secret") } else { map };
    let need = desk
        .by_hand
        .entry(name.clone())
        .or_insert_with(|| ByHand { is_config_map: !is_secret, ..ByHand::default() });
    need.is_of_files = true;
    need.keys.insert(key.clone(), from.clone());
    let kind = if is_secret { "Secret" } else { "ConfigMap" };
    desk.ledger
        .approximated(&below("configs", &mount.source), format!("the {kind} {name}, made by hand of {from}"));
    tell_owner(desk, placed, format!("the {kind} {name}, made by hand"));
    let reference = if is_secret {
        ("secret", Map::new().with("secretName", &name))
    } else {
        ("configMap", Map::new().with("name", &name))
    };
    volumes.add(&name, Map::new().with("name", &name).with(reference.0, reference.1));
    volumes.mount(&name, &target, Some(&key), true);
}

fn secret(
    desk: &mut Desk<'_>,
    placed: &Placed<FileMount>,
    object: &FileObject,
    volumes: &mut Volumes,
    sources: &mut Vec<Map>,
) {
    let mount = &placed.value;
    let name = names::fit(&mount.source);
    let key = names::fit_key(&mount.source);
    let from = content_of(&object.content);
    desk.needs_secret(&name, &key, from.clone(), true);
    desk.ledger.mapped(
        &below("secrets", &mount.source),
        format!("the Secret {name}, made by hand of {from}; its value is not written anywhere"),
    );
    tell_owner(desk, placed, format!("the key {key} of the Secret {name}"));
    let target = mount.target.clone().unwrap_or_else(|| mount.source.clone());
    let inside = target.strip_prefix("/run/secrets/").unwrap_or(&target);
    if inside.starts_with('/') || inside.split('/').any(|part| part == "..") {
        volumes
            .add(&name, Map::new().with("name", &name).with("secret", Map::new().with("secretName", &name)));
        volumes.mount(&name, &target, Some(&key), true);
        return;
    }
    let mut item = Map::new().with("key", &key).with("path", text(inside));
    if let Some(mode) = mount.mode {
        item.put("mode", Yaml::from(mode & 0o777));
    }
    let items = Map::new().with("name", &name).with("items", vec![item.on_one_line()]);
    sources.push(Map::new().with("secret", items));
}

fn tell_owner(desk: &mut Desk<'_>, placed: &Placed<FileMount>, told: String) {
    if placed.value.uid.is_some() || placed.value.gid.is_some() {
        desk.ledger.approximated(
            &placed.path,
            format!("{told}: its owner is root, and its group the pod's fsGroup"),
        );
    } else {
        desk.ledger.mapped(&placed.path, told);
    }
}

fn content_of(content: &FileContent) -> String {
    match content {
        FileContent::File(source) => format!("the file {}", source.written),
        FileContent::Environment(variable) => format!("the variable {variable}"),
        FileContent::Inline(_) => "the text in the compose file".to_owned(),
        FileContent::External => "what is outside of the compose files (`external`)".to_owned(),
    }
}
