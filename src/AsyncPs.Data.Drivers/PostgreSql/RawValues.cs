#pragma warning disable NPG9001 // The only way to the bytes of a type that the driver has no converter for.
using Npgsql.Internal;
using Npgsql.Internal.Postgres;

namespace AsyncPs.Data.Drivers.PostgreSql;

/// <summary>A value of a type without a converter in the driver, as the server sends it.</summary>
/// <param name="Bytes">Its binary form.</param>
internal sealed record RawValue(byte[] Bytes);

/// <summary>Makes the driver return a <see cref="RawValue"/> where it would refuse to read.</summary>
internal sealed class RawValues : PgTypeInfoResolverFactory
{
    /// <inheritdoc/>
    public override IPgTypeInfoResolver CreateResolver() => new Resolver();

    /// <inheritdoc/>
    public override IPgTypeInfoResolver? CreateArrayResolver() => null;

    private sealed class Resolver : IPgTypeInfoResolver
    {
        [ThreadStatic]
        private static bool _isAsking;

        // The driver asks this resolver first, so this one asks the others.
        public PgTypeInfo? GetTypeInfo(Type? type, DataTypeName? dataTypeName, PgSerializerOptions options)
        {
            if (_isAsking || dataTypeName is not { } name || (type is not null && type != typeof(object)))
            {
                return null;
            }

            _isAsking = true;
            try
            {
                return options.TypeInfoResolver.GetTypeInfo(type, dataTypeName, options) is null
                    ? new PgTypeInfo(options, new Converter(), name, typeof(RawValue)) { SupportsReading = true }
                    : null;
            }
            finally
            {
                _isAsking = false;
            }
        }
    }

    private sealed class Converter : PgStreamingConverter<object>
    {
        public override bool CanConvert(DataFormat format, out BufferRequirements bufferRequirements)
        {
            bufferRequirements = BufferRequirements.None;
            return format == DataFormat.Binary;
        }

        public override object Read(PgReader reader)
        {
            byte[] bytes = new byte[reader.CurrentRemaining];
            reader.ReadBytes(bytes);
            return new RawValue(bytes);
        }

        public override async ValueTask<object> ReadAsync(PgReader reader, CancellationToken cancellationToken = default)
        {
            byte[] bytes = new byte[reader.CurrentRemaining];
            await reader.ReadBytesAsync(bytes, cancellationToken).ConfigureAwait(false);
            return new RawValue(bytes);
        }

        public override Size GetSize(SizeContext context, object value, ref object? writeState) => throw new NotSupportedException();

        public override void Write(PgWriter writer, object value) => throw new NotSupportedException();

        public override ValueTask WriteAsync(PgWriter writer, object value, CancellationToken cancellationToken = default)
            => throw new NotSupportedException();
    }
}
