import Foundation
internal import HTTPTypes
internal import Hummingbird

extension Response {
    /// A document in JSON.
    static func json(
        _ value: some Encodable, status: Int = 200, headers: HTTPFields = [:]
    ) -> Response {
        var fields = headers
        fields[.contentType] = "application/json"
        return Response(
            status: HTTPResponse.Status(code: status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: APIJSON.data(value))))
    }

    /// An error in OpenAI's form.
    static func error(_ error: APIError) -> Response {
        var fields = HTTPFields()
        if let seconds = error.retryAfter { fields[.retryAfter] = "\(seconds)" }
        if error.status == 401 { fields[.wwwAuthenticate] = "Bearer" }
        return json(APIErrorDocument(error), status: error.status, headers: fields)
    }

    /// Text that is not JSON.
    static func text(_ text: String, type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
