// A sign-in that was opened in a window of its own ends here: what came of it goes to the app that opened it, and to nobody else.
window.opener?.postMessage({ fylgje: 'signed-in', search: location.search }, location.origin)
window.close()
