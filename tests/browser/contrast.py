"""How well texts stand out, by the measure of WCAG 2.2: https://www.w3.org/TR/WCAG22/#contrast-minimum"""

from playwright.async_api import Page, expect

from tests.browser.dashboard import SCHEMES, Scheme

ENOUGH = 4.5
# Colours are painted and read back, so every notation of CSS counts. What cannot be used, and icons beside words, need
# no contrast.
WEAK_TEXTS = """
([within, enough]) => {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    pixel.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pixel.fillStyle = colour; pixel.fillRect(0, 0, 1, 1); }
    return [...pixel.getImageData(0, 0, 1, 1).data];
  };
  const behind = (element) =>
    element ? [...behind(element.parentElement), getComputedStyle(element).backgroundColor] : ["white"];
  const luminance = ([...rgb]) => {
    const [red, green, blue] = rgb.slice(0, 3)
      .map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const weak = [];
  for (const element of document.querySelectorAll(`${within} *`)) {
    const says = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!says.length || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest("[aria-hidden=true], [aria-disabled=true], style, script")) continue;
    const below = behind(element);
    const [text, ground] = [[...below, getComputedStyle(element).color], below].map(paint).map(luminance);
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    if (contrast < enough) weak.push(`${contrast.toFixed(2)} ${element.className} ${says[0].data.trim().slice(0, 40)}`);
  }
  return [...new Set(weak)];
}
"""


async def weak_texts(page: Page, *, within: str = "body") -> list[str]:
    """Return the texts that stand out too little, each with its contrast."""
    weak: list[str] = await page.evaluate(WEAK_TEXTS, [within, ENOUGH])
    return weak


async def expect_contrast(page: Page, *, within: str = "body") -> None:
    """Look at a page of the dashboard in light and in dark."""
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await expect_lightness(page, scheme)
        weak = await weak_texts(page, within=within)
        assert not weak, f"in {scheme}, {page.url}: {weak}"


async def expect_lightness(page: Page, scheme: Scheme) -> None:
    await expect(page.locator(f"body.body--{scheme}")).to_be_visible()
    red = await page.evaluate("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
    assert (red < 128) == (scheme == "dark")
