//! Makes a small JPEG of a picture whatever it is.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, Rgba, RgbaImage, imageops};

use super::{Shape, SmallPicture};

/// Most pixels of what is sent.
const MOST_PIXELS: u64 = 40_000_000;
/// Most memory for its pixels.
const MOST_MEMORY: u64 = 200 * 1024 * 1024;
const QUALITY: u8 = 85;

/// Why nothing is made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is none of the three.
    #[error("Choose a picture in PNG, JPEG or WebP.")]
    Kind,
    /// It has too many pixels, whatever it takes on the disk.
    #[error("This picture has too many pixels. Save it smaller: 4,000 wide is plenty.")]
    Pixels,
    /// Reading it took too much memory or time.
    #[error("This picture is too large to be read. Save it smaller: 4,000 pixels wide is plenty.")]
    Heavy,
    /// It has too few pixels for what it is to be.
    #[error("This picture is too small. Choose one that is at least 600 pixels wide and half as high.")]
    Small,
    /// It is damaged, cut off, or lies about itself.
    #[error("This picture is damaged and cannot be read. Save it anew, or choose another one.")]
    Damaged,
}

/// Cuts a shape out of the middle, makes it small, sets it upright, and writes it without what cameras add. What can be seen
/// through becomes white.
///
/// # Errors
/// See [`Unreadable`].
pub(super) fn make(bytes: &[u8], shape: Shape) -> Result<SmallPicture, Unreadable> {
    let (image, orientation) = decode(bytes)?;
    let size = if lies_on_its_side(orientation) {
        let (width, height) = shape.size();
        (height, width)
    } else {
        shape.size()
    };
    let mut small = DynamicImage::ImageRgb8(on_white(&middle(&image, size)));
    drop(image);
    small.apply_orientation(orientation);
    let (width, height) = (small.width(), small.height());
    if width < shape.narrowest() {
        return Err(Unreadable::Small);
    }
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    small.write_with_encoder(encoder).map_err(|_| Unreadable::Damaged)?;
    Ok(SmallPicture { width, height, jpeg })
}

/// Whether its width is its height once it stands upright.
fn lies_on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    )
}

fn decode(bytes: &[u8]) -> Result<(DynamicImage, Orientation), Unreadable> {
    // By what is in it: a name says nothing.
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| Unreadable::Kind)?;
    if !matches!(
        reader.format(),
        Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)
    ) {
        return Err(Unreadable::Kind);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Unreadable::Damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(Unreadable::Pixels);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|_| Unreadable::Damaged)?;
    Ok((image, orientation))
}

/// The largest part of this shape around the middle, small; it is never made larger.
fn middle(image: &DynamicImage, (most_width, most_height): (u32, u32)) -> RgbaImage {
    let (width, height) = (u64::from(image.width()), u64::from(image.height()));
    let (shape_width, shape_height) = (u64::from(most_width), u64::from(most_height));
    // Less than what there is, so it fits.
    let part = |length: u64| u32::try_from(length.max(1)).unwrap_or(u32::MAX);
    let (wide, high) = if width * shape_height > height * shape_width {
        (part(height * shape_width / shape_height), image.height())
    } else {
        (image.width(), part(width * shape_height / shape_width))
    };
    let (left, top) = ((image.width() - wide) / 2, (image.height() - high) / 2);
    let middle = imageops::crop_imm(image, left, top, wide, high);
    imageops::thumbnail(&*middle, wide.min(most_width), high.min(most_height))
}

fn on_white(image: &RgbaImage) -> RgbImage {
    let blend = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u16::from(colour), u16::from(alpha));
        u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let Rgba([red, green, blue, alpha]) = *image.get_pixel(x, y);
        image::Rgb([blend(red, alpha), blend(green, alpha), blend(blue, alpha)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// Left half red, right half blue.
    fn halves(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, _| {
            if x < width / 2 {
                image::Rgb([255, 0, 0])
            } else {
                image::Rgb([0, 0, 255])
            }
        }))
    }

    /// As a camera writes it that was held sideways.
    fn turned(image: &DynamicImage) -> Vec<u8> {
        let jpeg = written(image, ImageFormat::Jpeg);
        // EXIF, big-endian, one entry: orientation 6, "turn it right to see it", and a maker.
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS 52.5200 13.4050");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let mut turned = jpeg[..2].to_vec();
        turned.extend([0xff, 0xe1]);
        turned.extend(length);
        turned.extend(&exif);
        turned.extend(&jpeg[2..]);
        turned
    }

    fn read(picture: &SmallPicture) -> RgbImage {
        image::load_from_memory_with_format(&picture.jpeg, ImageFormat::Jpeg)
            .unwrap()
            .into_rgb8()
    }

    #[test]
    fn the_middle_is_cut_out_and_made_small() {
        for (format, from, to) in [
            (ImageFormat::Png, (1600, 900), (480, 480)),
            (ImageFormat::Jpeg, (300, 500), (300, 300)),
            (ImageFormat::WebP, (2000, 2000), (480, 480)),
            (ImageFormat::Png, (1, 1), (1, 1)),
            (ImageFormat::Png, (3000, 1), (1, 1)),
        ] {
            let picture = make(&written(&halves(from.0, from.1), format), Shape::Square).unwrap();
            assert_eq!((picture.width, picture.height), to, "{format:?} {from:?}");
            let image = read(&picture);
            assert_eq!(image.dimensions(), to);
        }
        let image = read(&make(&written(&halves(1600, 900), ImageFormat::Png), Shape::Square).unwrap());
        assert!(
            image.get_pixel(20, 240).0[0] > 240 && image.get_pixel(460, 240).0[2] > 240,
            "left stays left"
        );
    }

    #[test]
    fn a_cover_is_wide() {
        for (from, to) in [
            ((4000, 3000), (1200, 630)),
            ((3000, 4000), (1200, 630)),
            ((800, 420), (800, 420)),
            ((2400, 700), (1200, 630)),
            ((700, 5000), (700, 367)),
        ] {
            let picture = make(&written(&halves(from.0, from.1), ImageFormat::Jpeg), Shape::Wide).unwrap();
            assert_eq!((picture.width, picture.height), to, "{from:?}");
        }
        for small in [(599, 2000), (5000, 200), (1, 1)] {
            let made = make(&written(&halves(small.0, small.1), ImageFormat::Png), Shape::Wide);
            assert_eq!(made, Err(Unreadable::Small), "{small:?}");
        }
        let lying = make(&turned(&halves(2000, 3000)), Shape::Wide).unwrap();
        assert_eq!((lying.width, lying.height), (1200, 630));
        let image = read(&lying);
        assert!(image.get_pixel(600, 20).0[0] > 200 && image.get_pixel(600, 610).0[2] > 200);
    }

    #[test]
    fn it_stands_upright_and_tells_nothing_of_where_it_was_taken() {
        let picture = make(&turned(&halves(400, 200)), Shape::Square).unwrap();
        let image = read(&picture);
        assert!(
            image.get_pixel(100, 10).0[0] > 200,
            "what was left is above: {:?}",
            image.get_pixel(100, 10)
        );
        assert!(image.get_pixel(100, 190).0[2] > 200);
        assert!(!picture.jpeg.windows(3).any(|w| w == b"GPS") && !picture.jpeg.windows(4).any(|w| w == b"Exif"));
    }

    #[test]
    fn what_can_be_seen_through_is_white() {
        let glass = DynamicImage::ImageRgba8(RgbaImage::from_pixel(20, 20, Rgba([0, 0, 0, 0])));
        let image = read(&make(&written(&glass, ImageFormat::Png), Shape::Square).unwrap());
        assert!(image.pixels().all(|pixel| pixel.0.iter().all(|colour| *colour > 250)));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let png = written(&halves(300, 300), ImageFormat::Png);
        // A header that promises 30,000 by 30,000: the sums of its chunk stay right.
        let mut bomb = png.clone();
        bomb[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
        let sum = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&sum.to_be_bytes());
        for (bytes, why) in [
            (b"".to_vec(), Unreadable::Kind),
            (
                b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec(),
                Unreadable::Kind,
            ),
            (b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), Unreadable::Kind),
            (b"%PDF-1.7".to_vec(), Unreadable::Kind),
            (b"BM0000000000".to_vec(), Unreadable::Kind),
            (png[..png.len() / 2].to_vec(), Unreadable::Damaged),
            (b"\x89PNG\r\n\x1a\nnot a picture".to_vec(), Unreadable::Damaged),
            (b"\xff\xd8\xff\xe0lies".to_vec(), Unreadable::Damaged),
            (b"RIFF\x10\0\0\0WEBPVP8 lies".to_vec(), Unreadable::Damaged),
            (bomb, Unreadable::Pixels),
        ] {
            assert_eq!(make(&bytes, Shape::Square), Err(why), "{:?}", bytes.get(..16));
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                if sum & 1 == 1 {
                    (sum >> 1) ^ 0xedb8_8320
                } else {
                    sum >> 1
                }
            })
        })
    }
}
