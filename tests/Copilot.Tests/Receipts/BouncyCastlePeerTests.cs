using System.Numerics;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Xunit;

namespace Copilot.Tests.Receipts;

/// <summary>
/// BouncyCastle as the second implementation of Ed25519 beside libsodium, which signs and verifies here. They differ on three of twelve made-up cases, all of which
/// only the owner of a key can make: libsodium refuses an R of small order, and BouncyCastle multiplies the equation by the cofactor; RFC 8032, section 5.1.7, allows
/// both. Whatever holds here holds there.
/// </summary>
public sealed class BouncyCastlePeerTests
{
    /// <summary>The order of the base point (RFC 8032, section 5.1).</summary>
    private static readonly BigInteger Order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");

    /// <summary>Every encoding of the eight points of small order: as it should be, with the sign of a zero set, and with the field's prime added.</summary>
    private static readonly string[] SmallOrder =
    [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ];

    private readonly Random _random = new(20261129);

    [Fact]
    public void Signature_OfEither_HoldsForTheOther()
    {
        var count = TestCounts.Pick(reduced: 1000, full: 50_000);
        for (var i = 0; i < count; i++)
        {
            var secret = Bytes(32);
            var (ours, message) = (new NoteSigner("log", secret), Bytes(_random.Next(300)));
            var key = new byte[Ed25519.PublicKeySize];
            Ed25519.GeneratePublicKey(secret, 0, key, 0);
            var signature = new byte[Ed25519.SignatureSize];
            Ed25519.Sign(secret, 0, message, 0, message.Length, signature, 0);

            Assert.Equal(key, ours.Key.PublicKey.ToArray());
            Assert.Equal(signature, ours.Sign(message));
            Assert.True(BouncyCastle(key, message, signature) && SampleLog.Verify(key, message, signature));
        }
        TestReport.Line($"BouncyCastle: {count} keys and signatures, the same bytes, each held by both");
    }

    [Fact]
    public void Checkpoint_OfALog_HoldsForBouncyCastle()
    {
        var log = SampleLog.Full();
        for (var size = 1; size <= log.Lines.Length; size++)
        {
            Assert.True(SignedNote.TryParse(log.Checkpoint(size), out var note, out _));
            Assert.True(note!.IsSignedBy(log.Key, (key, message, signature) => BouncyCastle(key.ToArray(), message.ToArray(), signature.ToArray())));
        }
    }

    [Fact]
    public void Signature_Altered_IsRefusedByBoth()
    {
        var count = TestCounts.Pick(reduced: 2000, full: 100_000);
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var (secret, message) = (Bytes(32), Bytes(_random.Next(1, 100)));
            var signer = new NoteSigner("log", secret);
            var (key, signature) = (signer.Key.PublicKey.ToArray(), signer.Sign(message));
            var kind = Alter(key, message, signature);

            var (ours, theirs) = (SampleLog.Verify(key, message, signature), BouncyCastle(key, message, signature));
            Assert.False(ours || theirs, $"{kind}: ours {ours}, BouncyCastle {theirs}: {Convert.ToHexStringLower(key)} {Convert.ToHexStringLower(message)} {Convert.ToHexStringLower(signature)}");
            kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
        }
        TestReport.Line($"BouncyCastle: {count} altered signatures refused by both ({string.Join(", ", kinds.Select(k => $"{k.Key} {k.Value}"))})");
    }

    /// <summary>With a key of small order a signature holds by the equation alone for one message in a few: both refuse such a key before.</summary>
    [Fact]
    public void Signature_OfSmallOrder_IsRefusedByBoth()
    {
        var tried = 0;
        foreach (var (key, r) in from key in SmallOrder from r in SmallOrder select (Convert.FromHexString(key), Convert.FromHexString(r)))
        {
            for (var message = 0; message < 8; message++, tried++)
            {
                byte[] signature = [.. r, .. new byte[32]];
                Assert.False(SampleLog.Verify(key, [(byte)message], signature));
                Assert.False(BouncyCastle(key, [(byte)message], signature));
            }
        }
        TestReport.Line($"BouncyCastle: {tried} signatures and keys of small order refused by both");
    }

    /// <summary>The twelve cases of "Taming the many EdDSAs" (Chalkias, Garillot and Nikolaenko, 2020) that tell implementations apart.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Verify_CaseThatTellsImplementationsApart_IsAsKnown(string what, bool ours, bool theirs, string message, string key, string signature)
    {
        Assert.NotEmpty(what);
        var (m, k, s) = (Convert.FromHexString(message), Convert.FromHexString(key), Convert.FromHexString(signature));
        Assert.Equal((ours, theirs), (SampleLog.Verify(k, m, s), BouncyCastle(k, m, s)));
    }

    public static TheoryData<string, bool, bool, string, string, string> Cases => new()
    {
        {
            "key and R of small order, s = 0", false, false,
            "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a0000000000000000000000000000000000000000000000000000000000000000"
        },
        {
            "key of small order", false, false,
            "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04"
        },
        {
            "R of small order", false, true,
            "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
            "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e"
        },
        {
            "key and R of mixed order", true, true,
            "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
            "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
            "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009"
        },
        {
            "holds when multiplied by the cofactor only", false, true,
            "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
            "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
            "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09"
        },
        {
            "holds when multiplied by the cofactor before reducing only", false, true,
            "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
            "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
            "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405"
        },
        {
            "s beyond the order", false, false,
            "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
            "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
            "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514"
        },
        {
            "s far beyond the order", false, false,
            "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
            "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
            "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22"
        },
        {
            "R not in its one encoding, hashed in it", false, false,
            "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
            "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f"
        },
        {
            "R not in its one encoding, hashed as it is", false, false,
            "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
            "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908"
        },
        {
            "key not in its one encoding, hashed in it", false, false,
            "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04"
        },
        {
            "key not in its one encoding, hashed as it is", false, false,
            "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04"
        },
    };

    private static bool BouncyCastle(byte[] key, byte[] message, byte[] signature) => Ed25519.Verify(signature, 0, key, 0, message, 0, message.Length);

    /// <summary>Alters one of the three where it stands, and says how.</summary>
    private string Alter(byte[] key, byte[] message, byte[] signature)
    {
        switch (_random.Next(7))
        {
            case 0:
                Flip(key);
                return "a bit of the key";
            case 1:
                Flip(message);
                return "a bit of the message";
            case 2:
                Flip(signature);
                return "a bit of the signature";
            case 3:
                // The same number modulo the order.
                var s = new BigInteger(signature.AsSpan(32), isUnsigned: true) + (Order * _random.Next(1, 8));
                s.ToByteArray(isUnsigned: true).CopyTo(signature.AsSpan(32));
                return "s beyond the order";
            case 4:
                Convert.FromHexString(SmallOrder[_random.Next(SmallOrder.Length)]).CopyTo(signature, 0);
                return "R of small order";
            case 5:
                Convert.FromHexString(SmallOrder[_random.Next(SmallOrder.Length)]).CopyTo(key, 0);
                return "a key of small order";
            default:
                Bytes(32).CopyTo(key, 0);
                return "another key or no point";
        }
    }

    private void Flip(byte[] bytes) => bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
