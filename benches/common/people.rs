//! A list of people who are registered, as another program writes it.

pub const HEADINGS: [&str; 12] = [
    "Email",
    "First name",
    "Last name",
    "Company",
    "Job title",
    "Phone",
    "Country",
    "Tags",
    "Notes",
    "Registered at",
    "Join URL",
    "utm_source",
];

/// A row of them.
pub fn row(n: usize) -> [String; 12] {
    [
        format!("ada.lovelace.{n}@example.org"),
        "Ada".to_owned(),
        format!("Lovelace the {n}th"),
        "Analytical Engines Ltd, London".to_owned(),
        "Countess of numbers".to_owned(),
        "+44 20 7946 0000".to_owned(),
        "United Kingdom".to_owned(),
        "vip; press".to_owned(),
        "Met at the fair last autumn, wants to hear of papers".to_owned(),
        "2026-11-26 14:03:12".to_owned(),
        format!("https://video.example.org/w/83920012345?tk=abcdefghijklmnopqrstuvwxyz{n}"),
        "newsletter".to_owned(),
    ]
}

/// With the headings above.
pub fn csv(rows: &[[String; 12]]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADINGS).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}
