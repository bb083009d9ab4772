//! The user that a service's containers run as.

use super::{
    desk::Desk,
    image::Image,
    known::{self, ImageUser},
    security::{Level, Security},
};
use crate::compose::{Placed, Service, User};

/// Puts the service's user into its security.
pub(super) fn tell(desk: &mut Desk<'_>, service: &Service, image: &Image, security: &mut Security) {
    let known = image
        .known()
        .map_or(ImageUser::Unknown, |known| if image.is_alpine() { known.alpine_user } else { known.user });
    if let Some(said) = &service.user {
        return user_said(desk, service, said, known, security);
    }
    match known {
        ImageUser::Number(number) => {
            security.user = Some(number);
            security.group = Some(number);
            security.comment = format!("The user of the image {}.", image.name);
            desk.ledger.note(
                &service.name,
                format!("no user is said: it runs as {number}, the user of the image {}", image.name),
            );
        }
        ImageUser::Root => {
            security.is_root = true;
            security.lower(Level::Baseline, format!("the image {} starts as root; one that does not (as nginxinc/nginx-unprivileged is for nginx) would meet it", image.name));
        }
        ImageUser::Unknown if security.level > Level::Restricted => {
            security.is_root = true;
        }
        ImageUser::Unknown => {
            security.comment = String::from(
                "The image must say a user by its number that is not 0; otherwise say it here as runAsUser.",
            );
            desk.ledger.note(
                &service.name,
                format!(
                    "no user is said: the kubelet refuses to start it if the image {} starts as root",
                    image.name
                ),
            );
        }
    }
}

fn user_said(
    desk: &mut Desk<'_>,
    service: &Service,
    said: &Placed<User>,
    known: ImageUser,
    security: &mut Security,
) {
    let group = said.value.group.as_ref().map(|group| number_of(group, known));
    if group == Some(None) {
        desk.ledger.approximated(&said.path, "runAsUser; the number of its group is not known here");
    }
    security.group = group.flatten();
    match (said.value.user.parse::<u32>(), said.value.user.as_str()) {
        (Ok(0), _) | (_, "root") => {
            security.is_root = true;
            security.user = Some(0);
            security.lower(Level::Baseline, "it runs as root");
            desk.ledger.mapped(&said.path, "runAsUser 0");
        }
        (Ok(number), _) => {
            security.user = Some(number);
            desk.ledger.mapped(&said.path, "runAsUser, runAsGroup and runAsNonRoot");
        }
        (Err(_), name) => {
            let Some(number) = number_of(name, known) else {
                desk.ledger.approximated(
                    &said.path,
                    "runAsNonRoot: the user of the image counts, and must be said there by its number",
                );
                desk.ask(
                    &service.name,
                    Some(&said.origin),
                    format!("which number has the user {name} in the image? `id {name}` in a container says"),
                    "no runAsUser: the image's own user",
                );
                return;
            };
            security.user = Some(number);
            desk.ledger.approximated(&said.path, format!("runAsUser {number}, the number that {name} commonly has; `id {name}` in a container of the image says whether it is"));
        }
    }
}

fn number_of(name: &str, image: ImageUser) -> Option<u32> {
    let of_image = if let ImageUser::Number(number) = image { Some(number) } else { None };
    name.parse().ok().or_else(|| known::user_number(name).map(|number| of_image.unwrap_or(number)))
}
