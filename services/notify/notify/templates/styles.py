"""How mails look: styles at each element, and a button of a table, for mail programs that know nothing else."""

from markupsafe import Markup

# Many mail programs read styles only where they stand at the element.
STYLES = {
    "<p>": '<p style="margin:0 0 16px">',
    "<ul>": '<ul style="margin:0 0 16px;padding:0 0 0 24px">',
    "<a href": '<a style="color:#0b4f6c;overflow-wrap:anywhere" href',
    "<li>": '<li style="margin:0 0 6px">',
    '<p class="code">': '<p class="code" style="margin:0 0 16px;padding:12px 16px;background:#eef3f6;'
    'border-radius:6px;font-size:30px;line-height:1.3;letter-spacing:6px;text-align:center">',
    '<p class="fact">': '<p class="fact" style="margin:0 0 16px;padding:12px 16px;background:#eef3f6;'
    'border-left:4px solid #0b4f6c;border-radius:4px;overflow-wrap:anywhere">',
}
# A table cell with a background is a button in every mail program, Outlook's too, which ignores padding of links.
BUTTON = Markup(
    '<table role="presentation" class="button" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 24px">'
    '<tr><td bgcolor="#0b4f6c" align="center" style="background:#0b4f6c;border-radius:6px;mso-padding-alt:14px 28px">'
    '<a href="{address}" style="display:inline-block;padding:14px 28px;background:#0b4f6c;border-radius:6px;'
    'color:#ffffff;font-size:17px;font-weight:bold;line-height:1.3;text-decoration:none">{label}</a>'
    "</td></tr></table>"
)
