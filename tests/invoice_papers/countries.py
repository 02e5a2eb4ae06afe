"""How countries write an invoice: words, money, dates, names."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_ENGLISH_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                   "November", "December")  # fmt: skip
_MONTHS = {
    "en": _ENGLISH_MONTHS,
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
           "Dezember"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
           "décembre"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
    "it": ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
           "novembre", "dicembre"),
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
           "november", "december"),
}  # fmt: skip


@dataclass(frozen=True)
class Country:
    """One country's ways; tuples are wordings of which one is taken."""

    code: str
    language: str
    currency: str
    signs: tuple[str, ...]
    """`{}` stands for the number."""
    decimal: str
    thousands: tuple[str, ...]
    cents: bool
    dates: tuple[str, ...]
    rates: tuple[int, ...]
    sellers: tuple[str, ...]
    shops: tuple[str, ...]
    buyers: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[str, ...]
    tax_id: tuple[str, ...]
    goods: tuple[str, ...]
    words: dict[str, tuple[str, ...]]

    def money(self, rng: random.Random, amount: Decimal, style: "Style") -> str:
        """Write an amount."""
        digits = f"{abs(amount):,.2f}" if self.cents else f"{abs(amount):,.0f}"
        digits = digits.translate(str.maketrans({",": style.thousands, ".": self.decimal}))
        text = style.sign.replace("{}", digits)
        return f"-{text}" if amount < 0 else text

    def date(self, date: dt.date, form: str) -> str:
        """Write a date; %N is the month's name in the language, %R the ROC year."""
        months = _MONTHS.get(self.language, _ENGLISH_MONTHS)
        name = months[date.month - 1]
        form = form.replace("%N", name).replace("%S", name[:3]).replace("%R", str(date.year - 1911))
        for code, number in (("%-d", date.day), ("%-m", date.month)):
            form = form.replace(code, str(number))
        return date.strftime(form)


@dataclass(frozen=True)
class Style:
    """What one paper uses of its country's ways."""

    sign: str
    thousands: str
    date: str


def _words(**words: str | Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(value.split("|")) if isinstance(value, str) else tuple(value) for key, value in words.items()}


_EN = _words(
    title="INVOICE|Tax Invoice|Invoice", receipt="RECEIPT|SALES RECEIPT|Receipt", number="Invoice No.|Invoice #|Invoice Number|Inv No",
    slip="Receipt No.|Trans #|Bill No", date="Date|Invoice Date|Date of Issue|Issued", due="Due Date|Payment due|Due",
    delivery="Delivery date|Date of supply", order="PO Number|Your order no.|P.O. No", customer="Customer No.|Account no.|Client ID",
    to="Bill To|Sold To|Invoice to|Customer", ship="Ship To|Deliver to", item="Description|Item|Particulars", quantity="Qty|Quantity",
    price="Unit Price|Price|Rate", amount="Amount|Total|Line Total", subtotal="Subtotal|Sub-total|Net amount",
    tax="VAT|GST|Tax|Sales Tax", total="Total|Total Due|Grand Total|Amount Due|TOTAL AMOUNT", cash="Cash|CASH TENDERED|Cash paid",
    change="Change|CHANGE DUE", rounding="Rounding", credit="CREDIT NOTE", discount="Discount", thanks="Thank you for your custom!",
)  # fmt: skip
_DE = _words(
    title="Rechnung|RECHNUNG", receipt="Kassenbon|Quittung|Kassenbeleg", number="Rechnungsnummer|Rechnungs-Nr.|Rechnung Nr.|Belegnummer",
    slip="Bon-Nr.|Beleg-Nr.", date="Rechnungsdatum|Datum", due="Zahlbar bis|Fällig am|Fälligkeitsdatum", delivery="Lieferdatum|Leistungsdatum",
    order="Bestellnummer|Ihre Bestellung", customer="Kundennummer|Kunden-Nr.", to="Rechnungsadresse|Rechnung an|Kunde", ship="Lieferadresse",
    item="Bezeichnung|Beschreibung|Artikel|Leistung", quantity="Menge|Anzahl", price="Einzelpreis|Preis", amount="Gesamtpreis|Betrag|Gesamt",
    subtotal="Zwischensumme|Nettobetrag|Summe netto|Netto", tax="MwSt.|USt.|Umsatzsteuer|zzgl. MwSt.", total="Gesamtbetrag|Rechnungsbetrag|SUMME|Zu zahlen|Endbetrag|Bruttobetrag",
    cash="Bar|Gegeben|BAR EUR", change="Rückgeld|Zurück", rounding="Rundung", credit="Gutschrift|Stornorechnung", discount="Rabatt", thanks="Vielen Dank für Ihren Einkauf!",
)  # fmt: skip
_FR = _words(
    title="FACTURE|Facture", receipt="TICKET DE CAISSE|Reçu", number="Facture N°|N° de facture|Facture n°|Numéro de facture", slip="Ticket N°|Ticket",
    date="Date|Date de facture|Date d'émission|Date de facturation", due="Échéance|Date d'échéance|À régler avant le", delivery="Date de livraison",
    order="N° de commande|Bon de commande", customer="N° client|Code client", to="Facturé à|Client|Destinataire", ship="Livré à|Adresse de livraison",
    item="Désignation|Description|Libellé", quantity="Qté|Quantité", price="Prix unitaire|P.U. HT|PU", amount="Montant|Montant HT|Total HT",
    subtotal="Total HT|Sous-total|Montant HT", tax="TVA", total="Total TTC|Net à payer|TOTAL|Montant TTC|Total à payer", cash="Espèces|ESPECES",
    change="Rendu|Monnaie rendue", rounding="Arrondi", credit="AVOIR|Facture d'avoir", discount="Remise", thanks="Merci de votre visite",
)  # fmt: skip
_ES = _words(
    title="FACTURA|Factura", receipt="TICKET|Factura simplificada", number="Nº de factura|Factura nº|Número de factura|Núm. factura", slip="Ticket nº|Nº ticket",
    date="Fecha|Fecha de factura|Fecha de emisión|Fecha de expedición", due="Vencimiento|Fecha de vencimiento", delivery="Fecha de entrega|Fecha de operación",
    order="Nº de pedido|Pedido", customer="Nº cliente|Código de cliente", to="Cliente|Facturar a|Datos del cliente", ship="Enviar a|Dirección de envío",
    item="Descripción|Concepto|Artículo", quantity="Cantidad|Cant.|Uds.", price="Precio|Precio unitario|P. unit.", amount="Importe|Total",
    subtotal="Subtotal|Base imponible", tax="IVA|I.V.A.", total="TOTAL|Total factura|Importe total|Total a pagar", cash="Efectivo|Entregado",
    change="Cambio|Devolución", rounding="Redondeo", credit="Factura rectificativa|Nota de abono", discount="Descuento", thanks="Gracias por su visita",
)  # fmt: skip
_IT = _words(
    title="FATTURA|Fattura", receipt="SCONTRINO|Ricevuta|DOCUMENTO COMMERCIALE", number="Fattura n.|Numero fattura|Fattura nr.|N. fattura", slip="Documento N.|Scontrino n.",
    date="Data|Data fattura|Data emissione", due="Scadenza|Data scadenza", delivery="Data consegna", order="Ordine n.|N. ordine", customer="Codice cliente|Cod. cliente",
    to="Spett.le|Cliente|Intestatario", ship="Destinazione merce", item="Descrizione|Articolo", quantity="Quantità|Q.tà", price="Prezzo|Prezzo unitario", amount="Importo|Totale",
    subtotal="Imponibile|Totale imponibile|Subtotale", tax="IVA|Imposta", total="TOTALE|Totale fattura|Totale complessivo|Totale da pagare|TOTALE EURO", cash="Contanti|Contante",
    change="Resto", rounding="Arrotondamento", credit="NOTA DI CREDITO", discount="Sconto", thanks="Grazie e arrivederci",
)  # fmt: skip
_NL = _words(
    title="FACTUUR|Factuur", receipt="KASSABON|Bon", number="Factuurnummer|Factuurnr.|Factuur nr.", slip="Bonnummer|Bon nr.", date="Datum|Factuurdatum", due="Vervaldatum|Te betalen voor",
    delivery="Leverdatum", order="Bestelnummer|Ordernummer", customer="Klantnummer|Debiteurnummer", to="Factuur aan|Klant|Aan", ship="Afleveradres", item="Omschrijving|Artikel",
    quantity="Aantal", price="Prijs|Stukprijs", amount="Bedrag|Totaal", subtotal="Subtotaal|Totaal excl. btw", tax="BTW|btw", total="Totaal|TOTAAL|Te betalen|Totaal incl. btw|Totaalbedrag",
    cash="Contant", change="Wisselgeld|Terug", rounding="Afronding", credit="CREDITNOTA|Creditfactuur", discount="Korting", thanks="Bedankt en tot ziens",
)  # fmt: skip
_GOODS_EN = ("Paper towels", "Wound dressing 10 pcs", "Wheelchair rental", "Consulting hours", "Printer cartridge", "Coffee beans 1kg", "Blood pressure monitor", "USB cable 2m", "Chicken rice", "Office chair", "Vitamin C tablets", "Repair of pump")
_GOODS_DE = ("Verbandkasten", "Beratung vor Ort", "Druckerpapier A4", "Mineralwasser 6er", "Blutdruckmessgerät", "Bürostuhl", "Reparatur Heizung", "Vollkornbrot", "Schrauben M8")
_GOODS_FR = ("Pansements stériles", "Main d'oeuvre", "Papier A4", "Café moulu", "Tensiomètre", "Chaise de bureau", "Baguette tradition", "Menu du jour")
_GOODS_ES = ("Vendas elásticas", "Mano de obra", "Papel A4", "Café molido", "Tensiómetro", "Silla de oficina", "Menú del día", "Agua mineral")
_GOODS_IT = ("Bende elastiche", "Manodopera", "Carta A4", "Caffè macinato", "Misuratore pressione", "Sedia ufficio", "Acqua naturale", "Pizza margherita")
_GOODS_NL = ("Verbandmiddelen", "Arbeidsloon", "Printpapier A4", "Koffiebonen", "Bloeddrukmeter", "Bureaustoel", "Stroopwafels", "Fietsband")


def _euro(code: str, language: str, words: dict[str, tuple[str, ...]], goods: tuple[str, ...], **more: tuple[str, ...]) -> Country:
    rates = {"de": (19, 7), "fr": (20, 10), "es": (21, 10), "it": (22, 10), "nl": (21, 9)}[language]
    return Country(code, language, "EUR", ("{} €", "{}", "€ {}", "{} EUR"), ",", (".",) if language != "fr" else (" ", "."), True,
                   ("%d.%m.%Y", "%-d. %N %Y") if language == "de" else ("%d-%m-%Y", "%-d %N %Y") if language == "nl" else ("%d/%m/%Y", "%-d %N %Y"),
                   rates, goods=goods, words=words, **more)  # fmt: skip


COUNTRIES = (
    Country("US", "en", "USD", ("${}", "$ {}", "{}"), ".", (",",), True, ("%m/%d/%Y", "%N %-d, %Y", "%S %d, %Y", "%m-%d-%Y"), (6, 8), (
        "Bluestone Supply Co., Inc.", "Harbor Light Services LLC", "Pine & Maple Corp."), ("Riverside Diner", "Golden Gate Books", "Corner Hardware"),
        ("Acme Widgets Inc.", "Laura Fielding"), ("1420 Main Street", "88 W. Lake Ave"), ("Springfield, IL 62704", "Austin, TX 78701"),
        ("EIN: 12-3456789", "Tax ID 98-7654321"), _GOODS_EN, _EN),
    Country("GB", "en", "GBP", ("£{}", "{}", "GBP {}"), ".", (",",), True, ("%d/%m/%Y", "%-d %N %Y", "%d %S %Y"), (20, 5), (
        "Thornbury Fittings Ltd", "Wren & Sons Limited", "Castlegate Dental Supplies PLC"), ("The Copper Kettle", "Marlow Wines", "Oakfield Garden Centre"),
        ("Northwind Traders Ltd", "Mr. Peter Hale"), ("12 High Street", "Unit 4, Mill Lane"), ("Leeds LS1 4AP", "London EC1A 1BB"),
        ("VAT Reg No GB 123 4567 89", "Company No. 04567890"), _GOODS_EN, _EN),
    Country("SG", "en", "SGD", ("S${}", "{}", "SGD {}"), ".", (",",), True, ("%d/%m/%Y", "%d %S %Y"), (9,), ("Orchid Medical Pte Ltd", "Lion Trading Pte. Ltd."),
        ("Kopi Corner", "Toast House"), ("Raffles Holdings Pte Ltd", "Tan Wei Ling"), ("21 Orchard Road #05-12", "Blk 88 Toa Payoh"), ("Singapore 238888", "Singapore 310088"),
        ("GST Reg No: 200312345K", "UEN 201912345D"), _GOODS_EN, _EN),
    Country("MY", "en", "MYR", ("RM {}", "RM{}", "{}"), ".", (",",), True, ("%d/%m/%Y", "%d-%m-%Y", "%d %S %Y"), (6,), ("Bintang Jaya Sdn Bhd", "Kedai Runcit Maju Enterprise"),
        ("Nasi Lemak Corner", "Restoran Selera"), ("Mega Cipta Sdn Bhd", "Ahmad Faizal"), ("No 12, Jalan Ampang", "Lot 5, Jalan SS2/24"), ("50450 Kuala Lumpur", "47300 Petaling Jaya, Selangor"),
        ("GST ID: 001234567890", "Co. Reg. No. 201201234567"), _GOODS_EN, _EN),
    _euro("DE", "de", _DE, _GOODS_DE, sellers=("Müller Sanitärtechnik GmbH", "Nordlicht Handels GmbH & Co. KG", "Keller & Söhne OHG"), shops=("Bäckerei Sonnenschein", "Blumen Weber", "Café Morgenrot"),
        buyers=("Hansen Logistik GmbH", "Frau Petra Schulz"), streets=("Hauptstraße 12", "Am Markt 3"), towns=("10115 Berlin", "80331 München"),
        tax_id=("USt-IdNr. DE123456789", "Steuernummer 12/345/67890")),
    _euro("FR", "fr", _FR, _GOODS_FR, sellers=("Atelier Dubois SARL", "Lumière Conseil SAS", "Menuiserie Garnier S.A.R.L."), shops=("Boulangerie Martin", "Le Petit Zinc", "Fleurs d'Antan"),
        buyers=("Société Verdier SA", "M. Paul Lefèvre"), streets=("14 rue Victor Hugo", "3 avenue de la Gare"), towns=("75011 Paris", "69002 Lyon"),
        tax_id=("TVA FR12345678901", "SIRET 123 456 789 00012")),
    _euro("ES", "es", _ES, _GOODS_ES, sellers=("Suministros Ibéricos S.L.", "Talleres Robles S.A.", "Clínica Levante S.L.U."), shops=("Panadería La Espiga", "Bar El Rincón", "Librería Cervantes"),
        buyers=("Construcciones Vega S.A.", "Ana López Ruiz"), streets=("Calle Mayor 25", "Avda. de la Constitución 4"), towns=("28013 Madrid", "41001 Sevilla"),
        tax_id=("CIF B12345678", "NIF: A87654321")),
    _euro("IT", "it", _IT, _GOODS_IT, sellers=("Ferramenta Rossi S.r.l.", "Officina Bianchi S.p.A.", "Studio Verdi S.n.c."), shops=("Trattoria da Gino", "Farmacia Centrale", "Bar Sport"),
        buyers=("Edilizia Moderna S.r.l.", "Sig. Marco Conti"), streets=("Via Roma 18", "Piazza Garibaldi 2"), towns=("20121 Milano", "50123 Firenze"),
        tax_id=("P.IVA 01234567890", "Partita IVA IT09876543210")),
    _euro("NL", "nl", _NL, _GOODS_NL, sellers=("Van Dijk Techniek B.V.", "De Groene Hoek VOF", "Bakker Advies B.V."), shops=("Bakkerij De Molen", "Café 't Hoekje", "Bloemen Anja"),
        buyers=("Jansen Bouw B.V.", "Mevr. K. de Vries"), streets=("Dorpsstraat 7", "Kerkplein 15"), towns=("1012 AB Amsterdam", "3511 LX Utrecht"),
        tax_id=("BTW-nr. NL123456789B01", "KvK 12345678")),
    Country("CH", "de", "CHF", ("CHF {}", "{}", "Fr. {}"), ".", ("'",), True, ("%d.%m.%Y",), (8,), ("Alpen Optik AG", "Seeblick Treuhand GmbH"), ("Bäckerei Zwicky", "Drogerie Berg"),
        ("Matter Holding AG", "Herr Urs Meier"), ("Bahnhofstrasse 9", "Seestrasse 44"), ("8001 Zürich", "3011 Bern"), ("CHE-123.456.789 MWST",), _GOODS_DE, _DE),
)  # fmt: skip
