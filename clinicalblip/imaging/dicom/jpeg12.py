"""JPEG of 12 bits (process 4 of ITU-T T.81), by GDCM's image class: pydicom gives it to no plugin."""

import gdcm
import numpy as np
from numpy.typing import NDArray

from clinicalblip.imaging.codestream import StreamHeader

_SYNTAX = "1.2.840.10008.1.2.4.51"

gdcm.Trace.DebugOff()
gdcm.Trace.WarningOff()
gdcm.Trace.ErrorOff()


def decode_jpeg12(stream: bytes, header: StreamHeader) -> NDArray[np.uint16]:
    """Decode a stream of one component into (rows, columns); `header` is its own frame header.

    In memory: gdcm.ImageReader reads only files. Raises ValueError for a damaged stream, so it is called inside
    `translate_errors`.
    """
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(stream)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((header.columns, header.rows, 1))
    image.SetDataElement(element)
    monochrome = gdcm.PhotometricInterpretation.GetPIType("MONOCHROME2")
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(monochrome))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(_SYNTAX)))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, header.precision, header.precision - 1, 0))
    words = image.GetBuffer().encode("utf-8", "surrogateescape")  # GDCM gives its bytes as a str
    return np.frombuffer(words, "<u2").reshape(header.rows, header.columns).astype(np.uint16)
