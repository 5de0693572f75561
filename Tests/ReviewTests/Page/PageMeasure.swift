import Foundation

/// JavaScript that measures the layout of a page.
enum PageMeasure {
    /// The elements that reach beyond the window.
    static let overflow = """
        (() => {
            const root = document.documentElement;
            const wide = [...document.body.querySelectorAll("*")]
                .filter((one) => !one.matches(".skip, .skip *, svg *")
                    && one.getBoundingClientRect().right > innerWidth + 0.5)
                .map((one) => one.outerHTML.slice(0, 120));
            if (root.scrollWidth > innerWidth) wide.push("scrollWidth " + root.scrollWidth);
            return wide;
        })()
        """

    /// Texts of the diagrams that reach beyond their box.
    static let textOutsideBoxes = """
        [...document.querySelectorAll("svg g")].flatMap((group) => {
            const boxes = [...group.querySelectorAll("rect.box")].map((one) => one.getBBox());
            return [...group.querySelectorAll("text")].filter((text) => {
                const { x, y, width, height } = text.getBBox();
                return boxes.some((box) => y > box.y && y + height < box.y + box.height
                    && x + width > box.x + box.width - 4);
            }).map((text) => text.textContent);
        })
        """

    /// Texts whose contrast is below WCAG 2's AA: 4.5, or 3 for large ones.
    static let faintText = """
        (() => {
            const channels = (color) => color.match(/[0-9.]+/g).map(Number);
            const luminance = (color) => {
                const [red, green, blue] = channels(color).slice(0, 3).map((channel) => {
                    const part = channel / 255;
                    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
                });
                return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            };
            const contrast = (one, other) => {
                const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
                return (high + 0.05) / (low + 0.05);
            };
            const ground = (element) => {
                const color = getComputedStyle(element).backgroundColor;
                if (channels(color)[3] !== 0) return color;
                return element.parentElement ? ground(element.parentElement) : "rgb(255, 255, 255)";
            };
            const isText = (node) => node.nodeType === 3 && node.textContent.trim() !== "";
            const texts = [...document.body.querySelectorAll("*:not(script):not(svg *)")]
                .filter((one) => [...one.childNodes].some(isText) && one.checkVisibility())
                .filter((one) => {
                    const style = getComputedStyle(one);
                    const size = parseFloat(style.fontSize);
                    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
                    return contrast(style.color, ground(one)) < (isLarge ? 3 : 4.5);
                });
            const drawn = [...document.querySelectorAll("svg text")].filter((text) =>
                [...text.ownerSVGElement.querySelectorAll("rect")]
                    .map((box) => getComputedStyle(box).fill).filter((fill) => fill !== "none")
                    .some((fill) => contrast(getComputedStyle(text).fill, fill) < 4.5));
            return [...texts, ...drawn].map((one) => one.outerHTML.slice(0, 120));
        })()
        """

    /// The width in the header of a PNG file (RFC 2083, section 4.1.1).
    static func width(ofPNG data: Data) -> Int {
        data.dropFirst(16).prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }
}
