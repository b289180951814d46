//! Builds again when a migration is added: the list of them is read at compile time. And how the program is linked.

fn main() {
    // Addresses that are filled in at the start take one and a half megabytes less so (RELR: glibc 2.36, musl 1.2.4).
    println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=assets");
}
